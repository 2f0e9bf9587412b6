/** Whether this is the development build. The bundler inserts the value and removes the code that it excludes. */
declare const DEVELOPMENT: boolean;

/** What a person has done before the client runs, while it is recorded. */
declare var lanaiEarly: Event[] | undefined;

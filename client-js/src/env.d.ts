/** Whether this is the development build. The bundler inserts the value and removes the code that it excludes. */
declare const DEVELOPMENT: boolean;

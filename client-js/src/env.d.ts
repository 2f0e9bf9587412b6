/** Whether this is the build for development. The bundler puts the value here, and leaves out what it rules out. */
declare const DEVELOPMENT: boolean;

import { serveJobs } from './child.js';
import { type Load, type Loaded, loadHttp } from './http-load.js';

/** A process of its own for those who ask, so that they do not take the server's time. */
serveJobs<Load, Loaded>(loadHttp);

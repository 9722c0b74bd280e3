// The elements of the page of a model; each takes care of itself once it is in the page.
"use strict";
import "./code.js";
import "./graph.js";
import "./live.js";
import "./network.js";
import "./numbers.js";

// The figures of the course; each takes care of itself once it is in the page.
"use strict";
import "./loop.js";
import "./rewards.js";
import "./exploration.js";
import "./discount.js";
import "./clip.js";
import "./toy.js";

#!/usr/bin/env node
// In this order: what the program imports does not load in an old Node.
import "./requireNode.js";
import "./program.js";

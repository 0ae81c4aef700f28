#!/usr/bin/env node
// The order matters: the program's imports do not load in an old Node.
import "./requireNode.js";
import "./program.js";

/** Commands that make, look at and configure a project. */
@NullMarked
package io.revfs.command.project;

import org.jspecify.annotations.NullMarked;

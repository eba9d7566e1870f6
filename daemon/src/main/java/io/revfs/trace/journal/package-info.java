/** What was heard of a run, in a file: the next process goes on from there. */
@NullMarked
package io.revfs.trace.journal;

import org.jspecify.annotations.NullMarked;

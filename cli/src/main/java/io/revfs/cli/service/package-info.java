/** Commands about the daemon itself: started, stopped, replaced, and asked what is wrong. */
@NullMarked
package io.revfs.cli.service;

import org.jspecify.annotations.NullMarked;

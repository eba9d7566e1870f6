@NullMarked
package io.revfs.git;

import org.jspecify.annotations.NullMarked;

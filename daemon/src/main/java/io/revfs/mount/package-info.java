@NullMarked
package io.revfs.mount;

import org.jspecify.annotations.NullMarked;

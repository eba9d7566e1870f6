@NullMarked
package io.revfs.api;

import org.jspecify.annotations.NullMarked;

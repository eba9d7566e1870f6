@NullMarked
package io.revfs.dvc;

import org.jspecify.annotations.NullMarked;

/** Python's pickles, as far as they hold plain values; nothing in them is ever run. */
@NullMarked
package io.revfs.dvc.pickle;

import org.jspecify.annotations.NullMarked;

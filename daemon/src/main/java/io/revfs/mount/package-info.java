/** Which repositories are mounted where: mounting, switching views, and remembering all of it. */
@NullMarked
package io.revfs.mount;

import org.jspecify.annotations.NullMarked;

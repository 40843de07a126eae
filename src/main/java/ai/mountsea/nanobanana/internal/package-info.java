/** For generated code only. Not a public API: it may change at any time. */
@NullMarked
package ai.mountsea.nanobanana.internal;

import org.jspecify.annotations.NullMarked;

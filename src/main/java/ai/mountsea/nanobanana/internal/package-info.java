/** What generated code shares. Not for use by others: it may change at any time. */
@NullMarked
package ai.mountsea.nanobanana.internal;

import org.jspecify.annotations.NullMarked;

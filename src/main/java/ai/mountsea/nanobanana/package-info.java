/**
 * Makes and edits images with Mountsea's Nano Banana models. {@link
 * ai.mountsea.nanobanana.NanoBanana} is where to begin.
 *
 * <p>What goes over the wire is generated from the API's OpenAPI spec into {@link
 * ai.mountsea.nanobanana.api}; this package adds what a generator can't: the rules between fields,
 * one paid POST a submit, failures that say whether a task may exist, waiting, and saving images.
 */
@NullMarked
package ai.mountsea.nanobanana;

import org.jspecify.annotations.NullMarked;

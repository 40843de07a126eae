/**
 * A client for Mountsea's Nano Banana API, which generates and edits images. Start with {@link
 * ai.mountsea.nanobanana.NanoBanana}.
 *
 * <p>The types of the JSON are generated from the OpenAPI spec, see {@link
 * ai.mountsea.nanobanana.api}. This package adds what can't be generated: the rules between fields,
 * at most one billable POST per submit, exceptions that say whether a task may exist, waiting for a
 * result, and downloading images.
 */
@NullMarked
package ai.mountsea.nanobanana;

import org.jspecify.annotations.NullMarked;

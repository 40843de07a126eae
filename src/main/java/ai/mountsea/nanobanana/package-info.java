/**
 * Makes and edits images with Mountsea's Nano Banana models. {@link
 * ai.mountsea.nanobanana.NanoBanana} is where to begin.
 *
 * <p>What goes over the wire is generated from the API's OpenAPI spec into {@link
 * ai.mountsea.nanobanana.api}; this package adds what a generator can't: the rules between fields,
 * one paid POST a submit, failures that say whether a task may exist, waiting, and saving images.
 *
 * <p>The Javadoc says where what it knows of the service comes from: [page] is the service's page
 * of the operation, [docs] its reference for reading results, [seen] what public clients read off
 * the wire, and [read] how the spec reads the page where that is silent.
 */
@NullMarked
package ai.mountsea.nanobanana;

import org.jspecify.annotations.NullMarked;

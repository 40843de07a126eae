/**
 * A client for Mountsea's Nano Banana API, which generates and edits images. Start with {@link
 * ai.mountsea.nanobanana.NanoBanana}.
 *
 * <p>The types of the JSON are generated from the OpenAPI spec, see {@link
 * ai.mountsea.nanobanana.api}. This package adds what can't be generated: the rules between fields,
 * at most one billable POST per submit, exceptions that say whether a task may exist, waiting for a
 * result, and downloading images.
 *
 * <p>The task id is all that another process needs to go on:
 *
 * <pre>{@code
 * String taskId = nanoBanana.submit(request);
 * TaskResult result = nanoBanana.await(taskId);
 * byte[] image = nanoBanana.download(result).get(0).bytes();
 * }</pre>
 */
@NullMarked
package ai.mountsea.nanobanana;

import org.jspecify.annotations.NullMarked;

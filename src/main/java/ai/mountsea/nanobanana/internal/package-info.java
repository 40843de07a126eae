/**
 * Not for you: only generated code uses this package, and it may change at any time. Requests and
 * results read and write their own JSON:
 *
 * <pre>{@code
 * String json = request.toJson();
 * GenerateImageRequest same = GenerateImageRequest.fromJson(json);
 * }</pre>
 */
@NullMarked
package ai.mountsea.nanobanana.internal;

import org.jspecify.annotations.NullMarked;

/**
 * A stand-in for the service, for tests and for trying the library: an HTTP server in this process
 * that behaves as the service is documented to, and paints pictures of its own. {@link
 * ai.mountsea.nanobanana.sandbox.Sandbox} is where to begin.
 *
 * <pre>{@code
 * try (Sandbox sandbox = Sandbox.start();
 *     NanoBanana nanoBanana = sandbox.client()) {
 *   sandbox.next(Script.failsWith("No cats today"));
 *   assertThrows(TaskFailedException.class, () -> nanoBanana.generate(request));
 * }
 * }</pre>
 */
@NullMarked
package ai.mountsea.nanobanana.sandbox;

import org.jspecify.annotations.NullMarked;

/**
 * A stand-in for the service, for tests and for trying the library: an HTTP server in this process
 * that behaves as the service is documented to, and paints pictures of its own. {@link
 * ai.mountsea.nanobanana.sandbox.Sandbox} is where to begin.
 */
@NullMarked
package ai.mountsea.nanobanana.sandbox;

import org.jspecify.annotations.NullMarked;

package ai.mountsea.nanobanana.live;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.Interceptor;
import okhttp3.Response;

/**
 * Lets one POST through and no second one, whoever would send it: a network interceptor, so that
 * OkHttp's own repetitions and redirects pass it, too.
 */
final class OnePost implements Interceptor {
  private final AtomicInteger posts = new AtomicInteger();

  /** Returns how many went over the wire: 0 or 1. */
  int sent() {
    return Math.min(posts.get(), 1);
  }

  @Override
  public Response intercept(Chain chain) throws IOException {
    if (!chain.request().method().equals("GET") && posts.incrementAndGet() > 1) {
      throw new IOException("The live check sends one POST and refuses a second one");
    }
    return chain.proceed(chain.request());
  }
}

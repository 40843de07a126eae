package ai.mountsea.nanobanana.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import ai.mountsea.nanobanana.sandbox.Service.Operation;
import java.util.List;
import org.junit.jupiter.api.Test;
import retrofit2.Call;
import retrofit2.http.Body;
import retrofit2.http.GET;
import retrofit2.http.POST;
import retrofit2.http.Query;

/** The sandbox finds an operation by its id, however many others have the same HTTP method. */
class ServiceOperationTest {
  @Test
  void anOperationIsFoundAmongOthersOfTheSameMethodAndPath() {
    assertThat(Operation.of(TwoOfEach.class, "submit"))
        .isEqualTo(new Operation("POST", "/images", List.of()));
    assertThat(Operation.of(TwoOfEach.class, "submitVideo"))
        .isEqualTo(new Operation("POST", "/videos", List.of()));
    assertThat(Operation.of(TwoOfEach.class, "result"))
        .isEqualTo(new Operation("GET", "/images", List.of("taskId", "part")));
    assertThat(Operation.of(TwoOfEach.class, "models"))
        .isEqualTo(new Operation("GET", "/models", List.of()));
  }

  private interface TwoOfEach {
    @POST("images")
    Call<String> submit(@Body String request);

    @POST("videos")
    Call<String> submitVideo(@Body String request);

    @GET("images")
    Call<String> result(@Query("taskId") String taskId, @Query("part") int part);

    @GET("models")
    Call<String> models();
  }
}

using System.Net;
using System.Text.Json;
using Ducts.Live.Hosting;

namespace Ducts.Live.Doors;

/// <summary>The Web API of a handler file, as the user's guide has it.</summary>
public class WebApiTests
{
    [Fact]
    public async Task A_method_of_a_handler_file_answers_HTTP_and_is_documented()
    {
        await using var server = new LiveServer();
        server.Write("evt_1000_my_test_handler.cs", """
            public class MyTestHandler : DuctsHandler
            {
                public string Handle(string text) => text;

                [WebApi("GET", "/echo/{msg}")]
                public string Echo(string msg) => msg;
            }
            """);
        await server.StartAsync();

        Assert.Equal("hello, world", await server.Http.GetStringAsync("/ducts/api/v1/my_test_handler/echo/hello%2C%20world"));
        using var posted = await server.Http.PostAsync("/ducts/api/v1/my_test_handler/echo/hello", content: null);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, posted.StatusCode);
        using var document = JsonDocument.Parse(await server.Http.GetStringAsync("/ducts/api/openapi.json"));
        var get = document.RootElement.GetProperty("paths").GetProperty("/ducts/api/v1/my_test_handler/echo/{msg}").GetProperty("get");
        Assert.Equal("msg", get.GetProperty("parameters")[0].GetProperty("name").GetString());
        Assert.Equal("path", get.GetProperty("parameters")[0].GetProperty("in").GetString());
        Assert.True(get.GetProperty("responses").TryGetProperty("200", out _));
    }
}

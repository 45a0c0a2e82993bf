using System.Text.Json;

namespace Ducts.EndToEnd.Clients;

/// <summary>The unmodified <c>@iflb/ducts-client</c> 0.2.10 in Node.</summary>
public sealed class NodeClientTests(HandlerServer server)
{
    [Fact]
    public async Task The_client_opens_and_its_close_resolves()
    {
        var result = await RunAsync("openAndClose");
        Assert.Equal(1, result.GetProperty("state").GetInt32());
        Assert.Equal(1000, result.GetProperty("code").GetInt32());
        Assert.True(result.GetProperty("clean").GetBoolean());
        var keys = result.GetProperty("keys").EnumerateArray().Select(static key => key.GetString()).ToArray();
        Assert.Superset(new HashSet<string?> { "ALIVE_MONITORING", "LOOP_RESPONSE_START", "DIVIDED_RESPONSE_END", "ECHO", "TEN", "PING" }, keys.ToHashSet());
    }

    [Fact]
    public async Task Calls_are_answered_each_with_its_own_reply()
    {
        var result = await RunAsync("call");
        Assert.Matches(@"^\d{10,}$", result.GetProperty("ping").GetString());
        AssertJson("""{"text":"grüße 🎈","list":[1,-1,1099511627776,1.5,true,null]}""", result.GetProperty("echo"));
        Assert.Equal(Enumerable.Range(0, 100), result.GetProperty("concurrent").EnumerateArray().Select(static reply => reply.GetProperty("i").GetInt32()));
    }

    [Fact]
    public async Task An_event_handler_gets_the_replies_of_its_event_until_it_is_removed()
    {
        var result = await RunAsync("eventHandler");
        AssertJson("""[[1000,["by the handler"]]]""", result.GetProperty("seen"));
        AssertJson("""["without"]""", result.GetProperty("after"));
    }

    [Fact]
    public async Task A_stream_of_ten_items_comes_through_its_queue() =>
        AssertJson("""{"items":[1,2,3,4,5,6,7,8,9,10]}""", await RunAsync("ten"));

    [Fact]
    public async Task A_stream_with_no_item_ends() =>
        AssertJson("""{"items":[{"value":null},{"value":null}]}""", await RunAsync("none"));

    [Fact]
    public async Task A_stream_that_fails_half_way_gives_its_items_the_error_and_an_end()
    {
        var result = await RunAsync("half");
        AssertJson("""[{"value":"one"},{"value":"two"},{"error":"KeyError('no third')"},{"error":null}]""", result.GetProperty("items"));
        AssertJson("""[[1004,"one"],[1004,"two"],[-1004,"KeyError('no third')"],[-1004,null]]""", result.GetProperty("messages"));
    }

    [Fact]
    public async Task A_stream_that_fails_before_its_first_item_rejects() =>
        AssertJson("""{"refused":{"error":"ValueError('upTo is negative')"},"accepted":[7]}""", await RunAsync("refuse"));

    [Fact]
    public async Task A_binary_reply_of_ten_mebibytes_arrives_whole_while_others_are_answered() =>
        AssertJson("""{"length":10485760,"wrong":0,"quick":["meanwhile"]}""", await RunAsync("big"));

    [Fact]
    public async Task A_request_in_fragments_is_joined() =>
        AssertJson("""{"length":1000000,"same":true}""", await RunAsync("upload"));

    [Fact]
    public async Task An_unknown_event_rejects_and_the_session_goes_on()
    {
        var result = await RunAsync("unknown");
        Assert.StartsWith("KeyError('", result.GetProperty("unknown").GetProperty("error").GetString(), StringComparison.Ordinal);
        AssertJson("""["still here"]""", result.GetProperty("after"));
    }

    [Fact]
    public async Task Misspelt_events_reject_each_time_and_the_session_goes_on()
    {
        var result = await RunAsync("typos");
        Assert.Equal(10, result.GetProperty("outcomes").EnumerateObject().Count());
        Assert.All(result.GetProperty("outcomes").EnumerateObject(), static outcome => AssertError(outcome.Name, outcome.Value));
        Assert.All(result.GetProperty("unknown").EnumerateArray(), static outcome => AssertError("unknown", outcome));
        AssertJson("""["still here"]""", result.GetProperty("after"));

        static void AssertError(string id, JsonElement outcome)
        {
            Assert.True(outcome.TryGetProperty("error", out var error), $"The call of event {id} resolved: {outcome}");
            Assert.Matches(@"^(Key|Value|Type)Error\('.+'\)$", error.GetString());
        }
    }

    [Fact]
    public async Task The_clients_overlong_UTF8_is_read_as_the_characters_it_means()
    {
        var result = await RunAsync("overlong");
        var described = result.GetProperty("described").EnumerateArray().Select(static text => text.GetString());
        var expected = Enumerable.Range(0x500, 0x300).Chunk(8).Select(static codes => "String " + string.Join(' ', codes.Select(static code => $"U+{code:X4}")));
        Assert.Equal(expected, described);
    }

    [Fact]
    public async Task Missing_data_and_floats_without_a_number_arrive_as_they_were_meant() =>
        AssertJson(
            """{"missing":[true,"Nil"],"null":"Nil","nan":"Float NaN","infinity":"Float Infinity","minusInfinity":"Float -Infinity","nested":"Array [Nil, Float NaN, Float 1.5, String U+00E9]"}""",
            await RunAsync("values"));

    [Fact]
    public async Task Errors_reject_with_their_text_and_keep_secrets()
    {
        var result = await RunAsync("errors");
        Assert.Equal("""KeyError('it\'s "gone"\n')""", result.GetProperty("named").GetProperty("error").GetString());
        Assert.Matches("^RuntimeError\\('internal error, reference [0-9a-fA-F]{8}'\\)$", result.GetProperty("secret").GetProperty("error").GetString());
        Assert.StartsWith("TypeError('", result.GetProperty("argument").GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Contains("lenght", result.GetProperty("argument").GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reconnect_brings_what_came_while_the_socket_was_cut() =>
        AssertJson("""{"code":1006,"first":1,"reply":"GATE is open","second":2,"rest":[3],"echo":["again"]}""", await RunAsync("reconnect"), static text => System.Text.RegularExpressions.Regex.Replace(text, @"gate-\d+-", "GATE"));

    [Fact]
    public async Task Sessions_that_are_cut_again_and_again_miss_nothing_that_the_server_has_sent()
    {
        var faults = Faults.FromEnvironment();
        var result = await NodePackages.RunAsync("cuts", server.Address, $"{faults.Sessions}", $"{faults.Cuts}", $"{faults.Seed}");
        faults.Check(result);
    }

    [Fact]
    public async Task The_clients_clock_is_compared_with_the_servers()
    {
        var result = await RunAsync("monitoring");
        // Both run on this machine, so their clocks are one; a broken comparison gives the seconds since 1970.
        Assert.InRange(result.GetProperty("offset").GetDouble(), -60, 60);
        Assert.InRange(result.GetProperty("latency").GetDouble(), 0, 60);
    }

    private Task<JsonElement> RunAsync(string scenario) => NodePackages.RunAsync(scenario, server.Address);

    private static void AssertJson(string expected, JsonElement actual, Func<string, string>? clean = null)
    {
        var text = actual.GetRawText();
        Assert.Equal(expected, clean is null ? text : clean(text));
    }
}

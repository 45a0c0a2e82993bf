using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;

namespace Ducts.Tests.Dispatch;

/// <summary>What a request allocates on its whole way through the server.</summary>
[Collection(Ducts.Tests.Support.Alone.Name)]
public class DispatchAllocationTests
{
    private const int Rounds = 1000;
    private const string Text = "0123456789abcdef";

    [Fact]
    public async Task An_echo_of_a_string_allocates_at_most_250_bytes() =>
        Assert.InRange(await PerRequestAsync((string text) => text), 1, 250);

    [Fact]
    public async Task A_task_that_has_ended_allocates_no_more_than_a_value()
    {
        var value = await PerRequestAsync((string text) => text);

        Assert.Equal(value, await PerRequestAsync((string text) => new ValueTask<string>(text)));
    }

    [Fact]
    public async Task An_event_that_asks_for_claims_allocates_no_more_than_one_that_asks_for_nothing()
    {
        var open = await PerRequestAsync((string text) => text);
        var ada = new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", "ada"), new Claim(ClaimTypes.Role, "admin")], "test"));

        Assert.Equal(open, await PerRequestAsync((string text) => text, ada, new AuthorizeAttribute { Roles = "admin" }, new AuthorizeAttribute()));
    }

    private static async Task<long> PerRequestAsync(Delegate handler, ClaimsPrincipal? user = null, params object[] metadata)
    {
        var message = DispatchHarness.Pack(Text);
        await using var harness = new DispatchHarness(handler, user, metadata);
        Run();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var sent = Run();
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        // The answer is as long as the request, and the head of its frame takes two bytes.
        Assert.Equal(Rounds * (2 + message.Length), sent);
        return allocated / Rounds;

        int Run()
        {
            var bytes = 0;
            for (var i = 0; i < Rounds; i++)
                bytes += harness.Dispatch(message);
            return bytes;
        }
    }
}

using System.Globalization;
using Ducts.Client;
using Ducts.Live.Hosting;

namespace Ducts.Live.Faults;

/// <summary>A handler's fault is its caller's: he gets the right error, the others do not notice.</summary>
public class HandlerFaultTests(FaultyServer faulty) : IClassFixture<FaultyServer>
{
    private readonly LiveServer _server = faulty.Server;

    [Fact]
    public async Task An_exception_is_its_callers_error_and_says_no_more_than_it_should()
    {
        var client = await _server.ConnectAsync();

        var thrown = await Assert.ThrowsAsync<DuctsRemoteException>(() => client.CallAsync("THROWS", "Ann"));
        var thrownLater = await Assert.ThrowsAsync<DuctsNotAuthorizedException>(() => client.CallAsync("THROWS_LATER"));

        Assert.DoesNotContain("secret", thrown.Text, StringComparison.Ordinal);
        Assert.Contains("the secret of Ann", _server.Log.ToString(), StringComparison.Ordinal);
        Assert.Equal("PermissionError('for the caller to see')", thrownLater.Text);
        await AssertGoesOnAsync(client);
    }

    [Fact]
    public async Task A_stream_that_throws_has_its_items_and_then_its_error()
    {
        var client = await _server.ConnectAsync();
        var items = new List<int>();

        var thrown = await Assert.ThrowsAsync<DuctsRemoteException>(async () =>
        {
            await foreach (var item in client.StreamAsync<int>("THROWS_IN_STREAM"))
                items.Add(item);
        });

        Assert.Equal([1, 2], items);
        Assert.Equal("KeyError('no third')", thrown.Text);
        await AssertGoesOnAsync(client);
    }

    [Fact]
    public async Task A_handler_that_hangs_ends_when_its_caller_gives_up()
    {
        var client = await _server.ConnectAsync();
        using var givingUp = new CancellationTokenSource();

        var call = client.CallAsync("HANGS", "given up", givingUp.Token);
        await Until.TrueAsync(() => Equals(Attribute("given up"), "hangs"), "the handler hangs");
        await AssertGoesOnAsync(client);
        await givingUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await Until.TrueAsync(() => Equals(Attribute("given up"), "cancelled"), "the handler is cancelled");
        await AssertGoesOnAsync(client);
    }

    [Fact]
    public async Task A_handler_that_hangs_ends_with_its_session()
    {
        var client = await _server.ConnectAsync();

        var call = client.CallAsync("HANGS", "left");
        await Until.TrueAsync(() => Equals(Attribute("left"), "hangs"), "the handler hangs");
        await client.CloseAsync();

        await Assert.ThrowsAsync<DuctsConnectionException>(() => call);
        await Until.TrueAsync(() => Equals(Attribute("left"), "cancelled"), "the handler is cancelled");
    }

    [Fact]
    public async Task A_handler_that_blocks_its_thread_holds_up_neither_its_own_session_nor_others()
    {
        var client = await _server.ConnectAsync();
        var other = await _server.ConnectAsync();

        // More than the machine has processors, so that none would be left to those who waited for one.
        var names = Enumerable.Range(0, Environment.ProcessorCount + 3).Select(static number => number.ToString(CultureInfo.InvariantCulture)).ToArray();
        var blocked = names.Select(name => client.CallAsync<string>("BLOCKS", name)).ToArray();
        await Until.TrueAsync(async () => await other.CallAsync<int>("WAITING") == blocked.Length, "all of them block");
        await AssertGoesOnAsync(client);
        await AssertGoesOnAsync(other);

        Assert.DoesNotContain(blocked, static call => call.IsCompleted);
        foreach (var _ in blocked)
            await other.CallAsync("RELEASE");
        Assert.Equal(names, await Task.WhenAll(blocked));
    }

    [Theory]
    [InlineData("cycle")]
    [InlineData("type")]
    [InlineData("throwing property")]
    public async Task A_result_that_cannot_be_packed_is_its_callers_error(string kind)
    {
        var client = await _server.ConnectAsync();

        var thrown = await Assert.ThrowsAsync<DuctsRemoteException>(() => client.CallAsync("UNPACKABLE", kind));

        Assert.Equal(1008, thrown.EventId);
        Assert.DoesNotContain("no name today", thrown.Text, StringComparison.Ordinal);
        await AssertGoesOnAsync(client);
    }

    [Fact]
    public async Task An_item_that_cannot_be_packed_ends_its_stream_after_those_before_it()
    {
        var client = await _server.ConnectAsync();
        var items = new List<int>();

        await Assert.ThrowsAsync<DuctsRemoteException>(async () =>
        {
            await foreach (var item in client.StreamAsync<int>("UNPACKABLE_ITEM"))
                items.Add(item);
        });

        Assert.Equal([1], items);
        await AssertGoesOnAsync(client);
    }

    [Fact]
    public async Task A_task_that_a_handler_leaves_behind_disturbs_nobody()
    {
        var client = await _server.ConnectAsync();

        Assert.Equal("answered", await client.CallAsync<string>("LEAKS"));
        // The exception of a task that nobody awaits shows when the task is collected.
        GC.Collect();
        GC.WaitForPendingFinalizers();

        await AssertGoesOnAsync(client);
    }

    [Fact]
    public async Task A_hook_that_throws_keeps_no_other_hook_and_no_session_from_going_on()
    {
        var client = await _server.ConnectAsync();

        var id = (await client.CallAsync<string>("WHO"))!;
        Assert.Equal("connected", Attribute(id));
        await client.CloseAsync();

        await Until.TrueAsync(() => Equals(Attribute(id), "closed"), "the other handler's hook has run");
        Assert.Contains("not closed, it says", _server.Log.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Background_work_that_throws_is_logged_and_keeps_no_other_from_running()
    {
        await Until.TrueAsync(() => Equals(Attribute("run"), "PONG"), "the other handler has run");
        await Until.TrueAsync(() => _server.Log.Texts(1201).Length == 1, "the failure is logged");

        Assert.Equal("RunAsync of BAD_RUN failed: will not run", _server.Log.Texts(1201)[0]);
    }

    private static async Task AssertGoesOnAsync(DuctsClient client) =>
        Assert.Equal("Hello, Ann!", await client.CallAsync<string>("HELLO", "Ann"));

    private object? Attribute(string name) => faulty.Attributes.GetValueOrDefault(name);
}

using System.Runtime.CompilerServices;
using Ducts.MessagePack;
using Ducts.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Ducts.Tests.Support;

/// <summary>The events that the tests call.</summary>
internal sealed class WireEvents
{
    private int _held;
    private int _cancelled;
    private int _produced;

    /// <summary>HOLD and BLOCK answer once this has ended.</summary>
    public TaskCompletionSource Release { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>How many calls of HOLD and BLOCK have come.</summary>
    public int Held => Volatile.Read(ref _held);

    /// <summary>How many calls of HOLD were cancelled.</summary>
    public int Cancelled => Volatile.Read(ref _cancelled);

    /// <summary>How many items FLOOD has yielded.</summary>
    public int Produced => Volatile.Read(ref _produced);

    public void Map(IEndpointRouteBuilder app)
    {
        app.MapEvent(1000, "ECHO", (MessagePackElement data) => data);
        app.MapEvent(1001, "COUNT", Count);
        app.MapEvent(1002, "COUNT_ASYNC", CountAsync);
        app.MapEvent(1003, "FAIL", Fail);
        app.MapEvent(1004, "FAIL_AFTER", FailAfter);
        app.MapEvent(1005, "BYTES", (int size) => new byte[size]);
        app.MapEvent(1006, "HOLD", HoldAsync);
        app.MapEvent(1007, "BLOCK", Block);
        app.MapEvent(1008, "FLOOD", FloodAsync);
        app.MapEvent(1009, "ITEMS", Items);
        app.MapEvent(1010, "PUSH_ME", async (int id, string text, IEventSession session) => await session.PushAsync(id, text));
        app.MapEvent(1011, "NULL", () => { });
        app.MapEvent(1012, "WRONG", () => new Unpackable());
        app.MapEvent(1013, "TEXT", (int size) => new string('x', size));
        app.MapEvent(1014, "VALUES", Values);
        app.MapEvent(1015, "ENDLESS", EndlessAsync);
        app.MapEvent(1016, "TEXTS", Texts);
        app.MapEvent(1017, "BYTES_LATER", BytesLaterAsync);
    }

    public static IEnumerable<int> Count(int count)
    {
        for (var i = 1; i <= count; i++)
            yield return i;
    }

    private static async IAsyncEnumerable<int> CountAsync(int count)
    {
        for (var i = 1; i <= count; i++)
        {
            await Task.Yield();
            yield return i;
        }
    }

    private static string Fail(string kind) => throw (kind switch
    {
        "key" => new KeyNotFoundException("no such group"),
        "value" => new FormatException("not a date"),
        "permission" => new UnauthorizedAccessException("not yours"),
        "timeout" => new TimeoutException("too late"),
        "file" => new FileNotFoundException("no file"),
        "not_implemented" => new NotSupportedException("not yet"),
        "own" => new EventException(ErrorNames.Permission, "it's \\ a \u00e9\n\u65e5\U0001F986"),
        _ => new InvalidOperationException("password is 12345"),
    });

    private static IEnumerable<int> FailAfter(int count)
    {
        for (var i = 1; i <= count; i++)
            yield return i;
        throw new KeyNotFoundException("the end");
    }

    private static IEnumerable<byte[]> Items(int[] sizes)
    {
        foreach (var size in sizes)
            yield return new byte[size];
    }

    private static IEnumerable<string> Texts(int[] sizes)
    {
        foreach (var size in sizes)
            yield return new string('x', size);
    }

    private static Dictionary<string, object?> Values() => new(StringComparer.Ordinal)
    {
        ["null"] = null,
        ["true"] = true,
        ["small"] = 7,
        ["large"] = 1L << 40,
        ["whole_float"] = 2.0,
        ["single"] = 0.5f,
        ["text"] = "h\u00e9",
        ["bytes"] = new byte[] { 1, 2 },
        ["list"] = new[] { 1, 2 },
        ["time"] = new DateTimeOffset(2030, 1, 31, 12, 30, 0, TimeSpan.Zero),
        ["guid"] = new Guid("00112233-4455-6677-8899-aabbccddeeff"),
        ["decimal"] = 1.10m,
        ["enum"] = DayOfWeek.Monday,
    };

    private async Task<string> HoldAsync(string name, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _held);
        try
        {
            await Release.Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            Interlocked.Increment(ref _cancelled);
            throw;
        }

        return name;
    }

    private async Task<byte[]> BytesLaterAsync(int size)
    {
        Interlocked.Increment(ref _held);
        await Release.Task;
        return new byte[size];
    }

    private string Block(string name)
    {
        Interlocked.Increment(ref _held);
        Release.Task.Wait(Until.Patience);
        return name;
    }

    private async IAsyncEnumerable<byte[]> FloodAsync(int count, int size, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var item = new byte[size];
        for (var i = 0; i < count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Interlocked.Increment(ref _produced);
            yield return item;
        }

        await Task.CompletedTask;
    }

    private static async IAsyncEnumerable<int> EndlessAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var i = 1; ; i++)
        {
            yield return i;
            await Task.Delay(1, cancellationToken);
        }
    }

    private sealed class Unpackable
    {
        public string Name => throw new KeyNotFoundException("no name");
    }
}

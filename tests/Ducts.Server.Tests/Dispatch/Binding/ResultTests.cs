using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Ducts.Dispatch.Binding;
using Ducts.MessagePack;
using Ducts.Tests.Support;

namespace Ducts.Tests.Dispatch.Binding;

public class ResultTests
{
    public static TheoryData<string, Delegate, string> Kinds => new()
    {
        { "value", () => 5, "reply 5" },
        { "string", () => "text", "reply 'text'" },
        { "null string", string? () => null, "reply null" },
        { "nullable", int? () => null, "reply null" },
        { "float", () => 5.0, "reply 5" },
        { "record", () => new Pair(1, "b"), "reply {'left':1,'rightHand':'b'}" },
        { "anonymous", () => new { Left = 1 }, "reply {'left':1}" },
        { "void", () => { }, "null" },
        { "task", () => Task.CompletedTask, "null" },
        { "running task", async () => { await Task.Yield(); }, "null, later" },
        { "value task", () => ValueTask.CompletedTask, "null" },
        { "running value task", async ValueTask () => await Task.Yield(), "null, later" },
        { "task of value", () => Task.FromResult(5), "reply 5" },
        { "running task of value", async () => { await Task.Yield(); return 5; }, "later 5" },
        { "value task of value", () => ValueTask.FromResult("x"), "reply 'x'" },
        { "running value task of value", async ValueTask<string> () => { await Task.Yield(); return "x"; }, "later 'x'" },
        { "bytes", () => new byte[] { 0, 1 }, "reply 'AAE='" },
        { "memory", () => new ReadOnlyMemory<byte>([0, 1]), "reply 'AAE='" },
        { "stream of bytes", () => new MemoryStream([0, 1, 255]), "bytes 0001ff" },
        { "task of stream of bytes", async Task<Stream> () => { await Task.Yield(); return new MemoryStream([1]); }, "bytes 01" },
        { "no stream of bytes", Stream? () => null, "null" },
        { "yield", () => Yielded(), "stream [1,2,3]" },
        { "empty yield", () => Yielded(0), "stream []" },
        { "sequence that is a list", IEnumerable<int> () => new List<int> { 1, 2 }, "reply [1,2]" },
        { "sequence that is an array", IEnumerable<string> () => ["a"], "reply ['a']" },
        { "sequence that is a set", IEnumerable<int> () => new HashSet<int> { 1 }, "reply [1]" },
        { "lazy sequence", IEnumerable<int> () => new[] { 1, 2 }.Select(each => each * 2), "stream [2,4]" },
        { "range", () => Enumerable.Range(1, 3), "stream [1,2,3]" },
        { "no sequence", IEnumerable<int>? () => null, "null" },
        { "task of sequence", async Task<IEnumerable<int>> () => { await Task.Yield(); return Yielded(); }, "stream [1,2,3]" },
        { "task of sequence that is a list", () => Task.FromResult<IEnumerable<int>>([1]), "reply [1]" },
        { "async stream", () => YieldedAsync(), "stream [1,2,3]" },
        { "task of async stream", async () => { await Task.Yield(); return YieldedAsync(); }, "stream [1,2,3]" },
        { "no async stream", IAsyncEnumerable<int>? () => null, "null" },
        { "channel", () => Written().Reader, "stream [1,2]" },
        { "task of channel", async ValueTask<ChannelReader<int>> () => { await Task.Yield(); return Written().Reader; }, "stream [1,2]" },
        { "list", () => new List<int> { 1 }, "reply [1]" },
        { "array", () => new[] { "a" }, "reply ['a']" },
        { "collection", ICollection<int> () => [1], "reply [1]" },
        { "dictionary", () => new Dictionary<string, int> { ["a"] = 1 }, "reply {'a':1}" },
        { "object that is a number", object () => 5, "reply 5" },
        { "object that is null", object? () => null, "null" },
        { "object that is a record", object () => new Pair(1, "b"), "reply {'left':1,'rightHand':'b'}" },
        { "object that is a dictionary", object () => new Dictionary<string, int> { ["a"] = 1 }, "reply {'a':1}" },
        { "object that is yielded", object () => Yielded(), "stream [1,2,3]" },
        { "object that is an async stream", object () => YieldedAsync(), "stream [1,2,3]" },
        { "object that is a channel", object () => Written().Reader, "stream [1,2]" },
        { "object that is bytes", object () => new byte[] { 0, 1 }, "reply 'AAE='" },
        { "object that is a stream of bytes", object () => new MemoryStream([1]), "bytes 01" },
        { "object that is a task", object () => RunAsync(), "null, later" },
        { "object that is a task of a value", object () => Task.FromResult(5), "reply 5" },
        { "task of an object that is yielded", async Task<object?> () => { await Task.Yield(); return Yielded(); }, "stream [1,2,3]" },
        { "element", () => MessagePackElement.From(5), "reply 5" },
        { "json element", () => JsonDocument.Parse("[1]").RootElement, "reply [1]" },
        { "json node", JsonNode? () => JsonNode.Parse("""{"a":[1]}"""), "reply {'a':[1]}" },
        { "object that is a json node", object? () => JsonNode.Parse("[1]"), "reply [1]" },
    };

    public sealed record Pair(int Left, string RightHand);

    [Theory]
    [MemberData(nameof(Kinds), DisableDiscoveryEnumeration = true)]
    public async Task A_result_is_replied_as_its_type_says(string kind, Delegate handler, string expected)
    {
        // What yields goes on after its task has been looked at, however busy the machine is.
        var later = new HeldContinuations();
        var call = later.Run(() => handler.CallAsync("null"));

        Assert.Equal($"{kind}: {expected}", $"{kind}: {await later.ReleaseUntilAsync(call)}");
    }

    [Theory]
    [InlineData(nameof(Yielded), true, typeof(int))]
    [InlineData(nameof(YieldedAsync), true, typeof(int))]
    [InlineData(nameof(RunAsync), false, null)]
    [InlineData(nameof(ListLaterAsync), false, typeof(List<int>))]
    [InlineData(nameof(StreamLaterAsync), true, typeof(string))]
    [InlineData(nameof(BytesAsync), false, typeof(byte[]))]
    public void A_signature_says_what_comes_back(string method, bool isStream, Type? result)
    {
        var info = typeof(ResultTests).GetMethod(method, System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static)!;
        var parameters = info.GetParameters().Select(each => each.ParameterType);
        var signature = HandlerSignature.Of(info.CreateDelegate(System.Linq.Expressions.Expression.GetDelegateType([.. parameters, info.ReturnType])));

        Assert.Empty(signature.Problems);
        Assert.Equal(isStream, signature.IsStream);
        Assert.Equal(result, signature.ResultType);
    }

    [Fact]
    public void What_a_handler_throws_before_it_returns_is_thrown()
    {
        Func<int> handler = () => throw new KeyNotFoundException("gone");
        var invoker = handler.Invoker();

        var thrown = Assert.Throws<KeyNotFoundException>(() =>
        {
            var invocation = new Invocation([0xc0], new FakeTarget());
            invoker.Invoke(ref invocation);
        });
        Assert.Equal("gone", thrown.Message);
    }

    [Fact]
    public void What_a_handler_with_many_parameters_throws_is_thrown_as_it_is()
    {
        var handler = int (int a = 0, int b = 0, int c = 0, int d = 0, int e = 0, int f = 0, int g = 0) => throw new KeyNotFoundException("gone");
        var invoker = handler.Invoker();

        Assert.Throws<KeyNotFoundException>(() =>
        {
            var invocation = new Invocation([0xc0], new FakeTarget());
            invoker.Invoke(ref invocation);
        });
    }

    [Fact]
    public async Task What_a_task_fails_with_comes_when_it_is_awaited()
    {
        Func<Task<int>> handler = () => Task.FromException<int>(new KeyNotFoundException("gone"));

        await Assert.ThrowsAsync<KeyNotFoundException>(() => handler.CallAsync("null"));
    }

    [Fact]
    public async Task A_handler_that_returns_no_task_is_told_so()
    {
        Func<Task<int>> handler = () => null!;

        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(() => handler.CallAsync("null"));
        Assert.Equal("The handler returned null where it declares a task.", thrown.Message);
    }

    private static IEnumerable<int> Yielded(int count = 3)
    {
        for (var i = 1; i <= count; i++)
            yield return i;
    }

    private static async IAsyncEnumerable<int> YieldedAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        for (var i = 1; i <= 3; i++)
        {
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            yield return i;
        }
    }

    private static async Task RunAsync() => await Task.Yield();

    private static Task<List<int>> ListLaterAsync() => Task.FromResult(new List<int>());

    private static ValueTask<IAsyncEnumerable<string>> StreamLaterAsync() => ValueTask.FromResult(AsyncEnumerable.Empty<string>());

    private static Task<FileStream> BytesAsync() => Task.FromException<FileStream>(new NotSupportedException());

    private static Channel<int> Written()
    {
        var channel = Channel.CreateUnbounded<int>();
        channel.Writer.TryWrite(1);
        channel.Writer.TryWrite(2);
        channel.Writer.Complete();
        return channel;
    }
}

using System.Buffers;
using System.Security.Claims;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Ducts.Dispatch.Binding;
using Ducts.Dispatch.Binding.Results;
using Ducts.MessagePack;
using Ducts.Redis;

namespace Ducts.Tests.Dispatch.Binding;

/// <summary>Takes a call's outcome and says it in one line: <c>reply 5</c>, <c>stream [1,2]</c>, <c>TypeError: …</c>.</summary>
internal sealed class FakeTarget : IInvocationTarget
{
    private readonly ArrayBufferWriter<byte> _packed = new(4096);
    private Func<Task<string>>? _finish;
    private string? _outcome;

    public IRedisClient Redis { get; set; } = null!;

    public ClaimsPrincipal User { get; set; } = new();

    public IServiceProvider Services { get; set; } = null!;

    public DuctsEvent? Event { get; set; }

    public IEventSession? Session { get; set; }

    public CancellationToken Token { get; set; }

    /// <summary>The packed reply, of a call that was answered at once.</summary>
    public ReadOnlySpan<byte> Packed => _packed.WrittenSpan;

    public int Outcomes { get; private set; }

    /// <summary>Waits for what was returned and says what came of it.</summary>
    public async Task<string> FinishAsync()
    {
        while (_finish is not null)
        {
            var finish = _finish;
            _finish = null;
            _outcome = await finish();
            if (_finish is not null)
                Outcomes--;
        }

        Assert.Equal(1, Outcomes);
        return _outcome ?? (_packed.WrittenCount == 0 ? "null" : "reply " + Json(_packed.WrittenSpan));
    }

    public DuctsEvent GetEvent() => Event!;

    public IEventSession GetSession() => Session!;

    public CancellationToken GetCancellationToken() => Token;

    public void Reply<T>(T value, PackConverter<T> converter)
    {
        Outcomes++;
        _packed.ResetWrittenCount();
        var writer = new PackWriter(_packed);
        converter.Write(ref writer, value);
        writer.Flush();
    }

    public void ReplyNull() => Outcomes++;

    public void ReplyWhenDone(Task task) => Later(async () =>
    {
        await task;
        return "null, later";
    });

    public void ReplyWhenDone<T>(ValueTask<T> task, PackConverter<T> converter) => Later(async () => "later " + Json(await task, converter));

    public void ReplyWhenDone<T>(ValueTask<T> task, ResultWriter<T> result) => Later(async () =>
    {
        result.Write(this, await task);
        return null!;
    });

    public void ReplyStream<T>(IAsyncEnumerable<T> items, PackConverter<T> converter) => Later(async () =>
    {
        var texts = new List<string>();
        await foreach (var item in items)
            texts.Add(Json(item, converter));
        return Stream(texts);
    });

    public void ReplyStream<T>(IEnumerable<T> items, PackConverter<T> converter) =>
        Later(() => Task.FromResult(Stream(items.Select(item => Json(item, converter)))));

    public void ReplyStream<T>(ChannelReader<T> items, PackConverter<T> converter) => ReplyStream(items.ReadAllAsync(), converter);

    public void ReplyBytes(Stream bytes) => Later(async () =>
    {
        await using (bytes)
        {
            var all = new MemoryStream();
            await bytes.CopyToAsync(all);
            return "bytes " + Convert.ToHexStringLower(all.ToArray());
        }
    });

    public void Fail(string name, string message)
    {
        Outcomes++;
        _outcome = $"{name}: {message}";
    }

    private static string Stream(IEnumerable<string> items) => $"stream [{string.Join(',', items)}]";

    private static string Json<T>(T value, PackConverter<T> converter)
    {
        var packed = new ArrayBufferWriter<byte>();
        var writer = new PackWriter(packed);
        converter.Write(ref writer, value);
        writer.Flush();
        return Json(packed.WrittenSpan);
    }

    private static string Json(ReadOnlySpan<byte> packed)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            MessagePackJson.Write(packed, json);
        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    private void Later(Func<Task<string>> finish)
    {
        Outcomes++;
        _outcome = null;
        _finish = finish;
    }
}

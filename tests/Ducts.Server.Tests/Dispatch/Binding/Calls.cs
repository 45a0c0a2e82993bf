using System.Buffers;
using System.Text;
using System.Text.Json;
using Ducts.Dispatch.Binding;
using Ducts.MessagePack;

namespace Ducts.Tests.Dispatch.Binding;

/// <summary>Calls handlers as a request does, with data written as JSON in single quotes.</summary>
internal static class Calls
{
    public static Task<string> CallAsync(this Delegate handler, string data, FakeTarget? target = null) =>
        handler.CallAsync(Pack(data), target);

    public static Task<string> CallAsync(this Delegate handler, byte[] data, FakeTarget? target = null) =>
        CallAsync(HandlerSignature.Of(handler), handler, data, target);

    public static Task<string> CallAsync(this DuctsHandler handler, string data, FakeTarget? target = null) =>
        CallAsync(HandlerSignature.Of(handler.GetType()), handler, Pack(data), target);

    public static Task<string> CallAsync(HandlerSignature signature, object handler, string data, PackSerializerOptions options) =>
        CallAsync(signature, handler, Pack(data), null, options);

    public static HandlerInvoker Invoker(this Delegate handler) =>
        new LazyHandlerInvoker(HandlerSignature.Of(handler), handler, PackSerializerOptions.Default);

    /// <summary>Packs JSON with single quotes.</summary>
    public static byte[] Pack(string json)
    {
        var output = new ArrayBufferWriter<byte>();
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(json.Replace('\'', '"')));
        var writer = new PackWriter(output);
        Assert.True(MessagePackJson.TryRead(ref reader, ref writer, 64, out var error), error);
        writer.Flush();
        return output.WrittenSpan.ToArray();
    }

    private static async Task<string> CallAsync(HandlerSignature signature, object handler, byte[] data, FakeTarget? target, PackSerializerOptions? options = null)
    {
        Assert.Empty(signature.Problems);
        target ??= new FakeTarget();
        var invoker = new LazyHandlerInvoker(signature, handler, options ?? PackSerializerOptions.Default);

        // What a handler was given must not lie in the request's buffer, which the next message overwrites.
        var buffer = data.ToArray();
        Invoke(invoker, buffer, target);
        Array.Fill(buffer, (byte)0xc1);
        return (await target.FinishAsync()).Replace('"', '\'');
    }

    public static void Invoke(HandlerInvoker invoker, byte[] data, FakeTarget target)
    {
        var invocation = new Invocation(data, target);
        invoker.Invoke(ref invocation);
    }
}

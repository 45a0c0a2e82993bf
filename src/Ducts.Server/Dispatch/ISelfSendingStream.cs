using Ducts.MessagePack;

namespace Ducts.Dispatch;

/// <summary>A stream that knows a better way to its client than being read item by item.</summary>
internal interface ISelfSendingStream<T>
{
    /// <summary>Streams to the client of a request.</summary>
    /// <returns>Ends with the stream.</returns>
    Task SendAsync(Request request, PackConverter<T> converter);
}

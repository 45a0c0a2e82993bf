using System.Text;
using Ducts.Blobs.Storage;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;

namespace Ducts.Blobs.Events;

[Event(541, "BLOBS_BUFFER_OPEN")]
[Authorize(BlobsPolicies.Write)]
internal sealed class BufferOpen(BufferStore buffers) : DuctsHandler
{
    [EndpointDescription("Opens a buffer of the session, and returns its id.")]
    public Task<string> HandleAsync(IEventSession session, CancellationToken cancellationToken, string @namespace = "") =>
        buffers.OpenAsync(session, cancellationToken);

    public override Task HandleClosedAsync(IEventSession session, CancellationToken cancellationToken) => buffers.DeleteAllAsync(session, cancellationToken);
}

[Event(542, "BLOBS_BUFFER_APPEND")]
[Authorize(BlobsPolicies.Write)]
internal sealed class BufferAppend(BufferStore buffers) : DuctsHandler
{
    [EndpointDescription("Appends bytes, or text as UTF-8, to a buffer of the session, and returns its new length.")]
    public Task<long> HandleAsync(string bufferId, object? bufferData, IEventSession session, CancellationToken cancellationToken, string @namespace = "")
    {
        var bytes = bufferData switch
        {
            byte[] data => data,
            string text => Encoding.UTF8.GetBytes(text),
            null => [],
            _ => throw EventException.InvalidValue("buffer_data: expected bytes or text"),
        };
        return bytes.Length > 0
            ? buffers.AppendAsync(session.SessionId, bufferId, bytes, cancellationToken)
            : throw EventException.InvalidValue("buffer_data: is empty");
    }
}

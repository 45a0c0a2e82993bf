using System.Buffers;
using Ducts.MessagePack;
using Ducts.Protocol;

namespace Ducts.Fuzz.Targets;

/// <summary>What is wrong with a request, as text; null for nothing. The targets ask here, so that its form is known in one place.</summary>
internal static class RequestForms
{
    public static string? ReadText(ReadOnlySpan<byte> json, int maxDepth, IBufferWriter<byte> message) => JsonForm.ReadRequest(json, maxDepth, message)?.Text;

    public static string? ReadHead(ReadOnlySpan<byte> message, in MessagePackLimits limits)
    {
        var head = RequestHead.Read(message, limits);
        if (head.Problem is null)
        {
            Claim.True(head.EventId >= 0 && head.Data.End.Value == message.Length);
        }

        return head.Problem?.Text;
    }
}

using Ducts.Connections;
using Ducts.MessagePack;
using Ducts.Protocol;

namespace Ducts.Dispatch;

/// <summary>Sends the bytes of a stream as one reply.</summary>
internal static class BytesReply
{
    // A bin's head has its length in front, so all bytes are read before the first is sent; this bounds what that takes.
    private const int MaxLength = 512 * 1024 * 1024;

    private const int PieceSize = 64 * 1024;

    public static async Task RunAsync(Request request, Stream stream)
    {
        await using var source = stream;
        var content = new MessageBuffer();
        try
        {
            int count;
            while ((count = await source.ReadAsync(content.GetMemory(PieceSize), request.Token)) > 0)
            {
                content.Advance(count);
                request.Channel.Account.Take(count);
                if (content.Length > MaxLength)
                    throw new EventException(ErrorNames.Value, $"the reply has more than {MaxLength} bytes; send a stream of pieces");
            }

            if (content.Length > EventEntry.LargeReply)
                request.Entry.NoteReply(content.Length);
            if (request.Channel.IsFull)
                await request.Channel.WaitForRoomAsync(request.Token);
            request.ReplyBinary(content.Written);
        }
        finally
        {
            request.Channel.Account.Give(content.Length);
            content.Return();
        }
    }
}

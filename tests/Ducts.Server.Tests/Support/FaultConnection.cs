using System.Buffers;
using System.Net.Sockets;

namespace Ducts.Tests.Support;

/// <summary>One connection through a <see cref="FaultProxy"/>.</summary>
/// <param name="later">Ends when another connection has come.</param>
/// <param name="stalled">What each piece waits for.</param>
internal sealed class FaultConnection(Socket client, Socket server, FaultPlan plan, Task later, (byte[] Old, byte[] New)? replace, Func<Task> stalled)
{
    private static readonly byte[] HeadEnd = "\r\n\r\n"u8.ToArray();

    private readonly ArrayBufferWriter<byte> _late = new();
    private readonly TaskCompletionSource _thaw = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isFaulted;

    public async Task RunAsync(byte[] begin)
    {
        var up = PumpAsync(client, server, plan.CutAfterFromClient, isUp: true, begin);
        var down = PumpAsync(server, client, plan.CutAfterFromServer, isUp: false, []);
        var ended = await Task.WhenAny(up, down, Task.Delay(plan.Milliseconds));
        var isFault = ended != up && ended != down;
        isFault = isFault || await (Task<bool>)ended;
        _isFaulted = true;
        switch (isFault ? plan.Kind : FaultKind.Reset)
        {
            case FaultKind.Finish:
                client.Shutdown(SocketShutdown.Send);
                server.Shutdown(SocketShutdown.Send);
                await Task.Delay(20);
                break;
            case FaultKind.HalfOpen:
                await Task.Delay(plan.PauseMilliseconds);
                _thaw.TrySetResult();
                await Task.WhenAny(Task.WhenAll(up, down), Task.Delay(200));
                break;
            case FaultKind.Late:
                await Task.Delay(5);
                client.Close(0);
                await Task.WhenAny(later, Task.Delay(3000));
                await Task.Delay(plan.PauseMilliseconds / 2);
                await DeliverLateAsync();
                break;
        }

        client.Close(0);
        server.Close(0);
        _thaw.TrySetResult();
        await Task.WhenAll(up, down);
    }

    private async Task DeliverLateAsync()
    {
        byte[] late;
        lock (_late)
            late = _late.WrittenSpan.ToArray();
        foreach (var piece in late.Chunk(late.Length / 8 + 1))
        {
            await server.SendAsync(piece);
            await Task.Delay(2);
        }

        await Task.Delay(10);
    }

    // True when the plan has ended it, false when one of the two has.
    private async Task<bool> PumpAsync(Socket from, Socket to, long cutAfter, bool isUp, byte[] begin)
    {
        var buffer = new byte[16 * 1024];
        begin.CopyTo(buffer, 0);
        var pieces = 0;
        var isBehind = !plan.IsBehindHandshake;
        try
        {
            for (var count = begin.Length; count > 0 || pieces == 0; count = await from.ReceiveAsync(buffer))
            {
                if (count == 0 && (begin.Length > 0 || (count = await from.ReceiveAsync(buffer)) == 0))
                    return false;
                pieces++;
                var free = 0;
                if (!isBehind)
                {
                    var end = buffer.AsSpan(0, count).IndexOf(HeadEnd);
                    isBehind = end >= 0;
                    free = end < 0 ? count : end + HeadEnd.Length;
                }

                var isRefusal = false;
                if (!isUp)
                {
                    Patch(buffer.AsSpan(0, count));
                    if (plan.LosesRefusal && FindRefusal(buffer.AsSpan(0, count)) is >= 0 and var close)
                        (isRefusal, cutAfter) = (true, Math.Min(cutAfter, Math.Max(close - free, 0)));
                }

                for (var done = 0; done < count;)
                {
                    await stalled();
                    var left = free > done ? free - done : cutAfter;
                    if (_isFaulted || left <= 0)
                    {
                        if (isUp && plan.Kind == FaultKind.Late)
                        {
                            Keep(buffer.AsSpan(done, count - done));
                            _ = KeepRestAsync(from);
                            return true;
                        }

                        if (plan.Kind != FaultKind.HalfOpen || isRefusal)
                            return true;
                        if (!_isFaulted)
                            return await ThawAsync(from, to, buffer.AsMemory(done, count - done));
                        await _thaw.Task;
                        left = cutAfter = long.MaxValue;
                    }

                    var piece = (int)Math.Min(Math.Min(plan.LargestPiece, count - done), left);
                    await to.SendAsync(buffer.AsMemory(done, piece));
                    if (done >= free)
                        cutAfter -= piece;
                    done += piece;
                    if (plan.DelayEvery > 0 && ++pieces % plan.DelayEvery == 0)
                        await Task.Delay(1);
                }
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Cut, by us or by one of the two.
        }

        return false;
    }

    private Task<bool> ThawAsync(Socket from, Socket to, ReadOnlyMemory<byte> rest)
    {
        _ = HandOnAsync();
        return Task.FromResult(true);

        async Task HandOnAsync()
        {
            try
            {
                await _thaw.Task;
                await to.SendAsync(rest);
                var buffer = new byte[16 * 1024];
                int count;
                while ((count = await from.ReceiveAsync(buffer)) > 0)
                    await to.SendAsync(buffer.AsMemory(0, count));
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // The end.
            }
        }
    }

    private async Task KeepRestAsync(Socket from)
    {
        try
        {
            var buffer = new byte[16 * 1024];
            int count;
            while ((count = await from.ReceiveAsync(buffer)) > 0)
                Keep(buffer.AsSpan(0, count));
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The client has been cut.
        }
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        lock (_late)
            _late.Write(bytes);
    }

    private void Patch(Span<byte> bytes)
    {
        if (replace is { } texts && bytes.IndexOf(texts.Old) is >= 0 and var at)
            texts.New.CopyTo(bytes[at..]);
    }

    // A close frame of up to 125 bytes, code 1009.
    private static int FindRefusal(ReadOnlySpan<byte> bytes)
    {
        for (var i = bytes.IndexOf((byte)0x88); i >= 0 && i + 3 < bytes.Length; i++)
        {
            if (bytes[i] == 0x88 && bytes[i + 2] == 0x03 && bytes[i + 3] == 0xF1)
                return i;
        }

        return -1;
    }
}

using System.Buffers;
using Ducts.Protocol;

namespace Ducts.Connections;

/// <summary>Holds complete frames that are written to the socket in one operation.</summary>
/// <param name="array">Where they lie; goes back to the pool.</param>
/// <param name="start">Where they start in it.</param>
/// <param name="end">Where they end.</param>
/// <param name="messages">How many messages they are.</param>
/// <param name="borrowed">Ended when the array, which then is the caller's to keep, is free again; null for none.</param>
internal sealed class OutboxChunk(byte[] array, int start, int end, int messages, TaskCompletionSource? borrowed = null)
{
    /// <summary>What gathers in one write; larger messages get a chunk of their own.</summary>
    public const int Size = 32 * 1024;

    /// <summary>What stays free while messages gather, so that a ping, or what has been received, goes along in the same write.</summary>
    public const int CompanionRoom = 16;

    // No frame is larger, for Node clients drop what is.
    private const int MaxFrame = 1024 * 1024;

    private int _start = start;
    private int _end = end;
    private int _companion;
    private byte[]? _ends;
    private int _headLength;
    private TaskCompletionSource? _handed;
    private bool _gathers;

    /// <summary>What follows in the outbox.</summary>
    public OutboxChunk? Next { get; set; }

    public int Length => _end - _start;

    /// <summary>
    /// What it counts for in the outbox: the memory that it keeps, which is more than its bytes where they do not fill their
    /// array. One that still gathers fills up, and a borrowed array is kept by its owner anyway.
    /// </summary>
    public int Cost => _gathers || borrowed is not null ? Length : array.Length;

    /// <summary>Gets the memory that it keeps, in bytes; none of a borrowed array, which its owner accounts for.</summary>
    public int Memory => borrowed is null ? array.Length : 0;

    public int Messages { get; private set; } = messages;

    /// <summary>Gets or sets the number of its last message, where messages that were sent are kept.</summary>
    public long LastNumber { get; set; }

    /// <summary>Gets or sets how many bytes its socket had been given before it.</summary>
    public long Position { get; set; }

    /// <summary>Gets what it counts for once it has been sent and is kept.</summary>
    public int Kept => borrowed is null ? array.Length : Length;

    /// <summary>Gets whether it fills most of its memory, so that a copy would save little.</summary>
    public bool IsCompact => borrowed is not null ? _ends is not null : Length > array.Length / 2;

    public ReadOnlyMemory<byte> Bytes => array.AsMemory(_start, Length);

    /// <summary>Gets what is sent: its messages, and a frame behind them that goes along once.</summary>
    public ReadOnlyMemory<byte> BytesToSend => array.AsMemory(_start, Length + _companion);

    public static OutboxChunk ForGathering(int size) => new(ArrayPool<byte>.Shared.Rent(size), 0, 0, 0) { _gathers = true };

    /// <summary>Frames one message where it lies in its array, or in another where it needs more than one frame.</summary>
    /// <param name="opcode">How the message is written.</param>
    /// <param name="array">Has the message from <see cref="MessageBuffer.HeadRoom"/> on; it belongs to the chunk from now on.</param>
    /// <param name="length">The message's length.</param>
    public static OutboxChunk Of(Opcode opcode, byte[] array, int length)
    {
        if (length > MaxFrame)
            return Fragment(opcode, array, length);
        var start = MessageBuffer.HeadRoom - FrameHeader.ServerLength(length);
        FrameHeader.Write(array.AsSpan(start), opcode, final: true, length);
        return new OutboxChunk(array, start, MessageBuffer.HeadRoom + length, messages: 1);
    }

    /// <summary>Appends a message as one frame.</summary>
    public bool TryAppend(WireEncoding encoding, ReadOnlySpan<byte> message) => TryAppend(Outbox.OpcodeOf(encoding), [], message);

    /// <summary>Appends a message of two parts as one frame.</summary>
    public bool TryAppend(Opcode opcode, ReadOnlySpan<byte> head, ReadOnlySpan<byte> payload)
    {
        var length = head.Length + payload.Length;
        if (array.Length - CompanionRoom - _end < FrameHeader.ServerLength(length) + length)
            return false;
        _end += FrameHeader.Write(array.AsSpan(_end), opcode, final: true, length);
        head.CopyTo(array.AsSpan(_end));
        _end += head.Length;
        payload.CopyTo(array.AsSpan(_end));
        _end += payload.Length;
        Messages++;
        return true;
    }

    /// <summary>Has a whole frame go along the next time that it is sent, which is none of its messages.</summary>
    /// <returns>False when there is no room for it.</returns>
    public bool TryTakeAlong(ReadOnlySpan<byte> frame)
    {
        _companion = 0;
        if (borrowed is not null || array.Length - _end < frame.Length)
            return false;
        frame.CopyTo(array.AsSpan(_end));
        _companion = frame.Length;
        return true;
    }

    /// <summary>Forgets what went along.</summary>
    public void EndCompanion() => _companion = 0;

    /// <summary>Appends whole messages that are framed already.</summary>
    public bool TryAppendFrames(ReadOnlySpan<byte> frames, int messages)
    {
        if (!_gathers || array.Length - _end < frames.Length)
            return false;
        frames.CopyTo(array.AsSpan(_end));
        _end += frames.Length;
        Messages += messages;
        return true;
    }

    /// <summary>Drops messages from its beginning.</summary>
    public void SkipMessages(int count)
    {
        for (; count > 0; count--)
        {
            _start += ReadMessage(_start);
            Messages--;
        }
    }

    /// <summary>Reads the message at an offset, and moves the offset behind it.</summary>
    public FramedMessage ReadMessage(ref int offset)
    {
        var position = _start + offset;
        var frame = FrameHeader.ReadServer(array.AsSpan(position));
        var length = ReadMessage(position);
        offset += length;
        return new FramedMessage(frame.Opcode, array.AsMemory(position + frame.Head, frame.Length), array.AsMemory(position, length));
    }

    /// <summary>Takes the messages that end within so many of its bytes.</summary>
    /// <returns>A copy of them; null where there are none.</returns>
    public OutboxChunk? TakeWhole(int bytes)
    {
        var (length, count) = (0, 0);
        while (length < Length && length + ReadMessage(_start + length) is var next && next <= bytes)
        {
            (length, count) = (next, count + 1);
        }

        if (count == 0)
        {
            return null;
        }

        var whole = ForGathering(length);
        whole.TryAppendFrames(array.AsSpan(_start, length), count);
        whole.Position = Position;
        SkipMessages(count);
        return whole;
    }

    /// <summary>Returns what is left without some of its messages: itself, a copy, or null for nothing.</summary>
    /// <param name="isDropped">Says which go.</param>
    public OutboxChunk? Without(Func<FramedMessage, bool> isDropped)
    {
        RestoreEnds();
        var rest = ForGathering(Length);
        for (var offset = 0; offset < Length;)
        {
            var message = ReadMessage(ref offset);
            if (!isDropped(message))
            {
                rest.TryAppendFrames(message.Frames.Span, messages: 1);
            }
        }

        if (rest.Messages == Messages)
        {
            rest.Return();
            return this;
        }

        Return();
        if (rest.Messages == 0)
        {
            rest.Return();
            return null;
        }

        rest.Seal();
        return rest;
    }

    /// <summary>Returns where the message ends of which so many bytes have left: right there between two messages.</summary>
    public int MessageEnd(int sent)
    {
        var position = 0;
        while (position < sent)
        {
            position += ReadMessage(_start + position);
        }

        return position;
    }

    /// <summary>Drops the messages of which something has left.</summary>
    /// <returns>Whether messages remain.</returns>
    public bool SkipSent(int sent)
    {
        var position = _start + sent;
        while (_start < position)
        {
            _start += ReadMessage(_start);
            Messages--;
        }

        return _start < _end;
    }

    /// <summary>
    /// Keeps what lies in a borrowed array where its neighbors write, too: its frame's head, and its end, where the head of the next
    /// one goes.
    /// </summary>
    /// <param name="head">Its head, which is written to its place when it is sent.</param>
    /// <param name="room">How many bytes of its end the next head may take.</param>
    /// <returns>Ends when it has been handed to a socket for the first time.</returns>
    public Task KeepEnds(ReadOnlySpan<byte> head, int room)
    {
        room = Math.Min(room, Length - head.Length);
        var ends = new byte[head.Length + room];
        head.CopyTo(ends);
        array.AsSpan(_end - room, room).CopyTo(ends.AsSpan(head.Length));
        _ends = ends;
        _headLength = head.Length;
        _handed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _handed.Task;
    }

    /// <summary>Keeps it where it lies, though it is small, so that its owner learns when it is free again.</summary>
    public void KeepWhole() => _ends = [];

    /// <summary>It has been handed to a socket.</summary>
    public void SetHanded() => _handed?.TrySetResult();

    /// <summary>Writes what <see cref="KeepEnds"/> has kept to its place again: it is about to be sent.</summary>
    public void RestoreEnds()
    {
        if (_ends is null)
            return;
        _ends.AsSpan(0, _headLength).CopyTo(array.AsSpan(_start));
        var tail = _ends.AsSpan(_headLength);
        tail.CopyTo(array.AsSpan(_end - tail.Length));
    }

    /// <summary>Closes the chunk: no further frames are added to it.</summary>
    /// <returns>What its cost grows by.</returns>
    public int Seal()
    {
        var before = Cost;
        _gathers = false;
        return Cost - before;
    }

    public void Return()
    {
        if (borrowed is null)
            ArrayPool<byte>.Shared.Return(array);
        else
            borrowed.SetResult();
        SetHanded();
    }

    private static OutboxChunk Fragment(Opcode opcode, byte[] array, int length)
    {
        var frames = (length + MaxFrame - 1) / MaxFrame;
        var framed = ArrayPool<byte>.Shared.Rent(length + (frames * FrameHeader.MaxServerLength));
        var position = 0;
        for (var offset = 0; offset < length; offset += MaxFrame)
        {
            var piece = Math.Min(MaxFrame, length - offset);
            var kind = offset == 0 ? opcode : Opcode.Continuation;
            position += FrameHeader.Write(framed.AsSpan(position), kind, final: offset + piece == length, piece);
            array.AsSpan(MessageBuffer.HeadRoom + offset, piece).CopyTo(framed.AsSpan(position));
            position += piece;
        }

        ArrayPool<byte>.Shared.Return(array);
        return new OutboxChunk(framed, 0, position, messages: 1);
    }

    // The length of the message at a position, in all its frames.
    private int ReadMessage(int position)
    {
        var length = 0;
        while (true)
        {
            var frame = FrameHeader.ReadServer(array.AsSpan(position + length));
            length += frame.Head + frame.Length;
            if (frame.Final)
            {
                return length;
            }
        }
    }
}

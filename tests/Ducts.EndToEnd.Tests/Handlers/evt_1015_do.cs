using System.Collections.Concurrent;

// Notes that it was asked, so that a test can count, and answers with bytes that the number gives.
public sealed class Do : DuctsHandler
{
    public static readonly ConcurrentDictionary<string, ConcurrentQueue<int>> Done = new();

    public async Task<byte[]> HandleAsync(string run, int number, int size, byte[] padding, CancellationToken cancellationToken)
    {
        Done.GetOrAdd(run, _ => new ConcurrentQueue<int>()).Enqueue(number);
        await Task.Delay(number % 20, cancellationToken);
        return Bytes(number, size + 8);
    }

    public static byte[] Bytes(int number, int size)
    {
        var bytes = new byte[size];
        for (var i = 0; i < size; i++)
            bytes[i] = (byte)(number + i * 31);
        BitConverter.TryWriteBytes(bytes, number);
        return bytes;
    }
}

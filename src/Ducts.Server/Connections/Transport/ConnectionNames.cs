namespace Ducts.Connections.Transport;

/// <summary>Names connections for logs and traces: unique in a process, and most likely between processes.</summary>
internal static class ConnectionNames
{
    private const string Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUV";
    private const int Length = 13;
    private const int BitsOfDigit = 5;

    private static long _last = Random.Shared.NextInt64();

    public static string Next() => string.Create(Length, Interlocked.Increment(ref _last), static (name, number) =>
    {
        for (var i = Length - 1; i >= 0; i--)
        {
            name[i] = Digits[(int)(number & (Digits.Length - 1))];
            number >>>= BitsOfDigit;
        }
    });
}

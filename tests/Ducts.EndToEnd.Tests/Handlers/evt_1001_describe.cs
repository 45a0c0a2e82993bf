// What arrived, in words that no client can change on the way back.
public sealed class Describe : DuctsHandler
{
    public string Handle(MessagePackElement data) => Text(data);

    private static string Text(MessagePackElement data) => data.Kind switch
    {
        MessagePackKind.Float => FormattableString.Invariant($"Float {data.Deserialize<double>()}"),
        MessagePackKind.String => "String " + string.Join(' ', data.Deserialize<string>()!.EnumerateRunes().Select(rune => $"U+{rune.Value:X4}")),
        MessagePackKind.Binary => $"Binary {Convert.ToHexString(data.Deserialize<byte[]>()!)}",
        MessagePackKind.Array => $"Array [{string.Join(", ", data.Deserialize<MessagePackElement[]>()!.Select(Text))}]",
        var kind => kind.ToString(),
    };
}

using ArchUnitNET.Domain;
using ArchUnitNET.Loader;

namespace Ducts.Architecture;

/// <summary>The rooms of the server: which namespace may use which, read from the compiled assembly.</summary>
public class RoomTests
{
    // From the left to the right: a room may use those to its left, and none of its own rank.
    private static readonly string[][] Ranks =
    [
        ["Contracts"],
        ["Configuration"],
        ["Telemetry"],
        ["Connections"],
        ["Sessions"],
        ["Dispatch"],
        ["Handlers"],
        ["BuiltIn", "WebApis", "Topics"],
        ["Groups"],
        ["Identity"],
        ["Cluster"],
        ["Discovery"],
        ["Hosting"],
    ];

    // The extension methods that make the server part of an application are where ASP.NET Core has its own.
    private static readonly string[] HostNamespaces = ["Microsoft.AspNetCore.Builder", "Microsoft.Extensions.DependencyInjection", "Microsoft.Extensions.Logging"];

    private static readonly Lazy<IReadOnlyList<IType>> ServerTypes = new(static () =>
        [.. new ArchLoader().LoadAssemblies(typeof(DuctsHandler).Assembly).Build().Types.Where(IsOfServer)]);

    [Fact]
    public void Every_namespace_of_the_server_is_a_room()
    {
        // What the test reads is there.
        Assert.InRange(ServerTypes.Value.Count, 150, 2000);
        var known = Ranks.SelectMany(static rank => rank).ToHashSet(StringComparer.Ordinal);

        Assert.All(ServerTypes.Value, type => Assert.True(RoomOf(type) is { } room && known.Contains(room), $"{type.FullName} is in no room."));
    }

    [Fact]
    public void A_room_uses_only_those_to_its_left()
    {
        var rank = Ranks.SelectMany(static (rooms, index) => rooms.Select(room => (room, index))).ToDictionary(static pair => pair.room, static pair => pair.index);
        var wrong = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var type in ServerTypes.Value)
        {
            foreach (var target in type.Dependencies.Select(static dependency => dependency.Target).Where(static target => RoomOf(target) is not null))
            {
                var (from, to) = (RoomOf(type)!, RoomOf(target)!);
                if (from != to && rank.TryGetValue(from, out var left) && rank.TryGetValue(to, out var right) && right >= left)
                {
                    wrong.Add($"{from} uses {to}: {type.FullName} uses {target.FullName}");
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join(Environment.NewLine, wrong));
    }

    [Fact]
    public void The_architecture_document_lists_the_rooms_in_this_order()
    {
        var listed = File.ReadLines(Repository.Path("docs", "architecture.md"))
            .SkipWhile(static line => line != "| room | knows | uses |")
            .Skip(2)
            .TakeWhile(static line => line.StartsWith('|'))
            .Select(static line => line.Split('|')[1].Trim().Trim('`'));

        Assert.Equal(Ranks.SelectMany(static rank => rank), listed);
    }

    [Fact]
    public void Opcodes_and_frame_heads_are_known_to_connections_only()
    {
        var users = ServerTypes.Value
            .Where(static type => type.Dependencies.Any(static dependency => dependency.Target.FullName is "Ducts.Connections.Opcode" or "Ducts.Connections.FrameHeader"))
            .Select(RoomOf)
            .Distinct();

        Assert.Equal(["Connections"], users);
    }

    // What the compiler makes for itself has no namespace.
    private static bool IsOfServer(IType type) =>
        type.Assembly?.Name.Split(',')[0] is "Ducts.Server" && !string.IsNullOrEmpty(type.Namespace?.FullName);

    private static string? RoomOf(IType type)
    {
        if (!IsOfServer(type))
        {
            return null;
        }

        var name = type.Namespace.FullName;
        return name == "Ducts" ? "Contracts"
            : HostNamespaces.Contains(name) ? "Hosting"
            : name.StartsWith("Ducts.", StringComparison.Ordinal) ? name.Split('.')[1] : null;
    }
}

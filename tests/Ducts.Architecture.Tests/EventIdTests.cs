using System.Reflection;
using Microsoft.Extensions.Logging;

namespace Ducts.Architecture;

/// <summary>The ids of log messages, by which people filter.</summary>
public class EventIdTests
{
    private const BindingFlags Any = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly (Type Log, int Id)[] Messages =
    [
        .. new[] { "Ducts.Redis", "Ducts.Server", "Ducts.Scripting", "ducts" }
            .SelectMany(static name => Assembly.Load(name).GetTypes())
            .SelectMany(static type => type.GetMethods(Any).Select(method => (type, method.GetCustomAttribute<LoggerMessageAttribute>())))
            .Where(static message => message.Item2 is not null)
            .Select(static message => (message.type, message.Item2!.EventId)),
    ];

    [Fact]
    public void No_id_is_used_twice()
    {
        Assert.InRange(Messages.Length, 50, 1000);
        Assert.Empty(Messages.GroupBy(static message => message.Id)
            .Where(static group => group.Count() > 1)
            .Select(static group => $"{group.Key}: {string.Join(", ", group.Select(static message => message.Log.FullName))}"));
    }

    [Fact]
    public void Each_class_of_messages_has_a_range_of_its_own()
    {
        var ranges = Messages.GroupBy(static message => message.Log)
            .Select(static group => (Name: group.Key.FullName!, First: group.Min(static message => message.Id), Last: group.Max(static message => message.Id)))
            .OrderBy(static range => range.First)
            .ToArray();

        Assert.Empty(ranges.Zip(ranges.Skip(1))
            .Where(static pair => pair.First.Last >= pair.Second.First)
            .Select(static pair => $"{pair.First} overlaps {pair.Second}"));
    }
}

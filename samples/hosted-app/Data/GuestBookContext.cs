using Microsoft.EntityFrameworkCore;

namespace GuestBook.Data;

/// <summary>The guest book's database. As <c>AddDbContext</c> has it, each request gets a context of its own.</summary>
public class GuestBookContext(DbContextOptions<GuestBookContext> options) : DbContext(options)
{
    public DbSet<Entry> Entries => Set<Entry>();

    public DbSet<Visit> Visits => Set<Visit>();
}

/// <summary>What a guest wrote.</summary>
public sealed class Entry
{
    public int Id { get; init; }

    public required string Name { get; init; }

    public required string Text { get; init; }

    public DateTimeOffset SignedAt { get; init; }
}

/// <summary>A session, from its first socket to its end.</summary>
public sealed class Visit
{
    public int Id { get; init; }

    public required string SessionId { get; init; }

    public DateTimeOffset OpenedAt { get; init; }

    public DateTimeOffset? ClosedAt { get; set; }
}

public class Record : DuctsHandler
{
    public record Item(int Id, string Name, double Price, bool Sold, long Stock, string Note);

    public Item Handle(Item item) => item with { Stock = item.Stock - 1 };
}

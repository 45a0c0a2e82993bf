using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Ducts.MessagePack.Tests;

public sealed partial class ContractTests
{
    [Fact]
    public void A_record_goes_out_and_comes_back()
    {
        var person = new Person("Ada", 36, new Address("Main", ["a", "b"]));

        var json = MessagePackElement.From(person).ToString();

        Assert.Equal("{\"name\":\"Ada\",\"age\":36,\"address\":{\"street\":\"Main\",\"lines\":[\"a\",\"b\"]}}", json);
        var back = Read<Person>(json);
        Assert.Equal("Ada", back.Name);
        Assert.Equal(["a", "b"], back.Address!.Lines);
    }

    [Theory]
    [InlineData("{\"firstName\":\"x\",\"lastName\":\"y\"}")]
    [InlineData("{\"FirstName\":\"x\",\"LastName\":\"y\"}")]
    [InlineData("{\"first_name\":\"x\",\"last_name\":\"y\"}")]
    [InlineData("{\"FIRST_NAME\":\"x\",\"lastname\":\"y\"}")]
    [InlineData("{\"lastName\":\"y\",\"extra\":{\"a\":[1]},\"firstName\":\"x\"}")]
    public void Names_match_in_each_common_spelling_and_any_order(string json)
    {
        Assert.Equal(new FullName("x", "y"), Read<FullName>(json));
    }

    [Fact]
    public void An_exact_name_wins_over_one_that_only_looks_alike()
    {
        var options = new PackSerializerOptions(new JsonSerializerOptions());

        Assert.True(PackSerializer.TryDeserialize<Lookalikes>(Pack("{\"VALUE\":\"other\",\"value\":\"right\"}"), out var value, out _, options));
        Assert.Equal(("right", "other"), (value.Lower, value.Upper));
        Assert.True(PackSerializer.TryDeserialize<Lookalikes>(Pack("{\"Value\":\"neither\"}"), out value, out _, options));
        Assert.Equal((null, null), (value.Lower, value.Upper));
    }

    [Fact]
    public void A_record_without_all_its_parameters_gets_their_defaults()
    {
        var value = Read<Defaults>("{}");

        Assert.Equal(new Defaults(7, "x", DayOfWeek.Friday, null), value);
        Assert.Equal(new Defaults(8, "x", DayOfWeek.Monday, 1.5), Read<Defaults>("{\"count\":8,\"day\":\"monday\",\"score\":1.5}"));
        Assert.Equal(new Defaults(7, "x", DayOfWeek.Friday, null), Read<Defaults>("{}"));
    }

    [Fact]
    public void Attributes_of_the_contract_are_followed()
    {
        var value = new Decorated { Renamed = 1, Hidden = 2, Second = 3, MaybeNull = null, MaybeZero = 0, Field = 4 };

        Assert.Equal("{\"first\":9,\"other-name\":1,\"second\":3,\"field\":4}", MessagePackElement.From(value).ToString());
        value.MaybeNull = "x";
        value.MaybeZero = 5;
        Assert.Equal("{\"first\":9,\"other-name\":1,\"second\":3,\"maybeNull\":\"x\",\"maybeZero\":5,\"field\":4}", MessagePackElement.From(value).ToString());

        var back = Read<Decorated>("{\"other-name\":11,\"hidden\":12,\"second\":13,\"field\":14,\"first\":15}");
        Assert.Equal((11, 0, 13, 14, 9), (back.Renamed, back.Hidden, back.Second, back.Field, back.First));
    }

    [Fact]
    public void A_missing_required_member_is_named()
    {
        Assert.Equal("expected the member 'id', found a map without it", Fail<Strict>("{\"name\":\"x\"}"));
        Assert.Equal("inner: expected the member 'id', found a map without it", Fail<Outer>("{\"inner\":{}}"));
        Assert.Equal(5, Read<Strict>("{\"id\":5}").Id);
    }

    [Fact]
    public void What_does_not_fit_is_told_with_its_path()
    {
        Assert.Equal("address.lines[1]: expected a string, found an integer", Fail<Person>("{\"name\":\"x\",\"age\":1,\"address\":{\"street\":\"s\",\"lines\":[\"a\",2]}}"));
        Assert.Equal("age: expected an integer, found null", Fail<Person>("{\"age\":null}"));
        Assert.Equal("expected a map, found an array", Fail<Person>("[1]"));
    }

    [Fact]
    public void Unknown_members_are_refused_where_the_type_says_so()
    {
        Assert.Equal("expected no member 'more', found one", Fail<NothingElse>("{\"a\":1,\"more\":2}"));
        Assert.Equal(1, Read<NothingElse>("{\"a\":1}").A);
    }

    [Fact]
    public void Unknown_members_are_kept_where_the_type_has_room()
    {
        var value = Read<Roomy>("{\"a\":1,\"b\":[2],\"c\":\"x\"}");
        Assert.Equal([2L], Assert.IsType<List<object?>>(value.More!["b"]));
        Assert.Equal("{\"a\":1,\"b\":[2],\"c\":\"x\"}", MessagePackElement.From(value).ToString());

        var record = Read<RoomyRecord>("{\"b\":{\"d\":2},\"a\":1}");
        Assert.Equal(2, record.More!["b"].GetProperty("d").GetInt32());
        Assert.Equal("{\"a\":1,\"b\":{\"d\":2}}", MessagePackElement.From(record).ToString());

        var node = Read<RoomyNode>("{\"b\":true}");
        Assert.True((bool)node.More!["b"]!);
        Assert.Equal("{\"b\":true}", MessagePackElement.From(node).ToString());
    }

    [Fact]
    public void Derived_types_say_which_they_are()
    {
        Shape[] shapes = [new Circle { Radius = 1.5 }, new Square { Side = 2 }];

        Assert.Equal("[{\"kind\":\"circle\",\"radius\":1.5},{\"kind\":2,\"side\":2}]", MessagePackElement.From(shapes).ToString());
        var back = Read<Shape[]>("[{\"radius\":1.5,\"kind\":\"circle\"},{\"kind\":2,\"side\":2}]");
        Assert.Equal(1.5, Assert.IsType<Circle>(back[0]).Radius);
        Assert.Equal(2, Assert.IsType<Square>(back[1]).Side);
        Assert.Equal("kind: expected the name of a kind of Shape, found 'line'", Fail<Shape>("{\"kind\":\"line\"}"));
        Assert.Equal("expected the member 'kind', found a map without it", Fail<Shape>("{}"));
        Assert.Throws<MessagePackWriteException>(() => PackSerializer.Serialize<Shape>(new Triangle()));
    }

    [Fact]
    public void Converters_of_System_Text_Json_are_used()
    {
        Assert.Equal("\"1|2\"", MessagePackElement.From(new Point(1, 2)).ToString());
        Assert.Equal(new Point(3, 4), Read<Point>("\"3|4\""));
        Assert.Equal("expected a value of type Point, found a string", Fail<Point>("\"x\""));

        Assert.Equal("{\"at\":\"1|2\",\"secret\":\"terces\",\"count\":\"5\"}", MessagePackElement.From(new UsesConverters { At = new Point(1, 2), Secret = "secret", Count = 5 }).ToString());
        var back = Read<UsesConverters>("{\"at\":\"1|2\",\"secret\":\"terces\",\"count\":\"5\"}");
        Assert.Equal((new Point(1, 2), "secret", 5), (back.At, back.Secret, back.Count));

        var options = new PackSerializerOptions(new JsonSerializerOptions { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseUpper) } });
        Assert.Equal("\"FRIDAY\"", MessagePackElement.From(DayOfWeek.Friday, options).ToString());
    }

    [Fact]
    public void Options_of_System_Text_Json_are_followed()
    {
        var options = new PackSerializerOptions(new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            DictionaryKeyPolicy = JsonNamingPolicy.CamelCase,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            IncludeFields = true,
            RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = true,
        });

        Assert.Equal("{\"first_name\":\"x\"}", MessagePackElement.From(new FullName("x", null), options).ToString());
        Assert.Equal("{\"firstKey\":1}", MessagePackElement.From(new Dictionary<string, int> { ["FirstKey"] = 1 }, options).ToString());
        Assert.False(PackSerializer.TryDeserialize<FullName>(Pack("{\"last_name\":\"y\"}"), out _, out var error, options));
        Assert.Equal("expected the member 'first_name', found a map without it", error.ToString());
        Assert.False(PackSerializer.TryDeserialize<FullName>(Pack("{\"first_name\":null,\"last_name\":\"y\"}"), out _, out error, options));
        Assert.Equal("first_name: expected a value, found null", error.ToString());
        Assert.False(PackSerializer.TryDeserialize<int>(Pack("\"5\""), out _, out error, options));
        Assert.Equal("expected an integer, found a string", error.ToString());
    }

    [Fact]
    public void Contracts_modified_by_code_are_followed()
    {
        var resolver = new DefaultJsonTypeInfoResolver();
        resolver.Modifiers.Add(static info =>
        {
            foreach (var property in info.Properties)
            {
                if (property.PropertyType == typeof(int))
                {
                    property.Get = static _ => 42;
                    property.ShouldSerialize = static (_, value) => value is 42;
                }
            }
        });
        var options = new PackSerializerOptions(new JsonSerializerOptions(JsonSerializerDefaults.Web) { TypeInfoResolver = resolver });

        Assert.Equal("{\"x\":42,\"y\":42}", MessagePackElement.From(new MutablePoint { X = 1, Y = 2 }, options).ToString());
        Assert.True(PackSerializer.TryDeserialize<MutablePoint>(Pack("{\"x\":5,\"y\":6}"), out var back, out _, options));
        Assert.Equal((5, 6), (back.X, back.Y));
    }

    [Fact]
    public void Structs_are_read_and_written_by_their_members()
    {
        Assert.Equal("{\"x\":1,\"y\":2}", MessagePackElement.From(new MutablePoint { X = 1, Y = 2 }).ToString());
        Assert.Equal(new MutablePoint { X = 1, Y = 2 }, Read<MutablePoint>("{\"x\":1,\"y\":2}"));
        Assert.Equal(new RecordPoint(1, 2), Read<RecordPoint>("{\"y\":2,\"x\":1}"));
        Assert.Null(Read<Nullable>("{\"point\":null}").Point);
        Assert.Equal(new RecordPoint(1, 2), Read<Nullable>("{\"point\":{\"x\":1,\"y\":2}}").Point);
        Assert.Equal("expected a map, found null", Fail<MutablePoint>("null"));
    }

    [Fact]
    public void A_type_may_contain_itself_but_not_without_end()
    {
        var tree = Read<Tree>("{\"value\":1,\"children\":[{\"value\":2,\"children\":[]},{\"value\":3}]}");
        Assert.Equal("{\"value\":1,\"children\":[{\"value\":2,\"children\":[]},{\"value\":3,\"children\":null}]}", MessagePackElement.From(tree).ToString());

        tree.Children!.Add(tree);
        Assert.Throws<MessagePackWriteException>(() => PackSerializer.Serialize(tree));

        byte[] deep = [.. Enumerable.Repeat<byte[]>([0x81, 0xa8, .. "children"u8, 0x91], 100).SelectMany(x => x), 0x80];
        Assert.False(PackSerializer.TryDeserialize<Tree>(deep, out _, out var error));
        Assert.EndsWith("expected at most 64 levels of arrays and maps, found more", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Callbacks_of_the_contract_are_called()
    {
        var value = new Observed { A = 1 };
        PackSerializer.Serialize(value);
        Assert.Equal(["serializing", "serialized"], value.Seen);
        Assert.Equal(["deserializing", "deserialized 1"], Read<Observed>("{\"a\":1}").Seen);
    }

    [Fact]
    public void What_a_constructor_throws_is_the_callers_to_see()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => PackSerializer.TryDeserialize<Checked>(Pack("{\"n\":-1}"), out _, out _));
        Assert.Equal(1, Read<Checked>("{\"n\":1}").N);
    }

    [Fact]
    public void Many_threads_share_one_converter()
    {
        Parallel.For(0, 64, i =>
        {
            for (var j = 0; j < 200; j++)
                Assert.Equal(i, Read<Person>($"{{\"name\":\"x\",\"age\":{i},\"address\":{{\"street\":\"s\",\"lines\":[]}}}}").Age);
        });
    }

    [Fact]
    public void Typed_members_are_not_boxed()
    {
        var bytes = PackSerializer.Serialize(new RecordPoint(1, 2));
        var options = PackSerializerOptions.Default;
        var converter = options.GetConverter<RecordPoint>();
        var output = new System.Buffers.ArrayBufferWriter<byte>(1024);
        Read(converter, bytes);
        Write(converter, output);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 50; i++)
        {
            Read(converter, bytes);
            Write(converter, output);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        static void Read(PackConverter<RecordPoint> converter, byte[] bytes)
        {
            var reader = new PackReader(bytes);
            Assert.True(converter.TryRead(ref reader, out _, out _));
        }

        static void Write(PackConverter<RecordPoint> converter, System.Buffers.ArrayBufferWriter<byte> output)
        {
            output.ResetWrittenCount();
            var writer = new PackWriter(output);
            converter.Write(ref writer, new RecordPoint(3, 4));
            writer.Flush();
        }
    }

    private static T Read<T>(string json)
    {
        Assert.True(PackSerializer.TryDeserialize<T>(Pack(json), out var value, out var error), error?.ToString());
        return value;
    }

    private static string Fail<T>(string json)
    {
        Assert.False(PackSerializer.TryDeserialize<T>(Pack(json), out var value, out var error));
        Assert.Equal(default, value);
        return error.ToString();
    }

    private static byte[] Pack(string json) => PackSerializer.Serialize(JsonDocument.Parse(json).RootElement);
}

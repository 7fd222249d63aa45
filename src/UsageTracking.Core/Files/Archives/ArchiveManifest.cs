using System.Globalization;
using System.Text.Json;
using UsageTracking.Files.Export;
using UsageTracking.Metering;
using UsageTracking.Stores;

namespace UsageTracking.Files.Archives;

/// <summary>What an archive says of itself, in a file beside it.</summary>
public sealed record ArchiveManifest
{
    private const string Format = "usage-archive/1";

    /// <summary>The archive.</summary>
    public required StoredArchive Archive { get; init; }

    /// <summary>The id of the store that the records left.</summary>
    public required Guid StoreId { get; init; }

    /// <summary>The size of the file.</summary>
    public required long Bytes { get; init; }

    /// <summary>What the records add up to.</summary>
    public required ArchiveTotals Totals { get; init; }

    /// <summary>Whether the records are known to have left the store; before that they are in both, and the store knows which.</summary>
    public bool HasLeft => Archive.Number > 0;

    /// <summary>Reads the manifest of an archive.</summary>
    /// <exception cref="UsageException"><c>ManifestNotFound</c> or <c>ArchiveDamaged</c>.</exception>
    public static ArchiveManifest Read(string archivePath)
    {
        string path = ArchivePath.ManifestOf(archivePath);
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            return Read(document.RootElement, archivePath);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UsageException(UsageErrorKind.NotFound, "ManifestNotFound",
                File.Exists(archivePath)
                    ? $"'{archivePath}' has no manifest '{path}'. It is no archive, or the manifest was left behind: bring it back beside the file."
                    : $"There is no archive '{archivePath}'.",
                archivePath, error);
        }
        catch (Exception error) when (error is JsonException or FormatException or InvalidOperationException or KeyNotFoundException)
        {
            throw ArchiveReader.Damaged(path, "it is no manifest.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Import.SourceFile.NotRead(path, error);
        }
    }

    internal void Write(Stream stream)
    {
        using var json = new Utf8JsonWriter(stream, RecordJson.Options with { Indented = true });
        json.WriteStartObject();
        json.WriteString("format", Format);
        json.WriteString("archive_id", Archive.Id);
        json.WriteString("store_id", StoreId);
        json.WriteString("state", HasLeft ? "archived" : "prepared");
        json.WriteNumber("archive_number", Archive.Number);
        json.WriteString("file", Path.GetFileName(Archive.Path));
        json.WriteNumber("bytes", Bytes);
        json.WriteString("sha256", Archive.Sha256);
        json.WriteNumber("records", Archive.Records);
        json.WriteString("start", ArchiveColumns.Clock.Format(Archive.Start));
        json.WriteString("end", ArchiveColumns.Clock.Format(Archive.End));
        json.WriteStartArray("columns");
        foreach (string column in ArchiveColumns.Names)
            json.WriteStringValue(column);

        json.WriteEndArray();
        json.WriteStartArray("totals");
        foreach ((string customer, string service, ArchiveTotals.Line line) in Totals.Lines)
        {
            json.WriteStartObject();
            json.WriteString("customer_id", customer);
            json.WriteString("service_name", service);
            json.WriteNumber("records", line.Records);
            // Sums may be longer than a decimal.
            json.WritePropertyName("quantity");
            json.WriteRawValue(line.Quantity.ToString());
            json.WritePropertyName("cost");
            json.WriteRawValue(line.Cost.ToString());
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static ArchiveManifest Read(JsonElement root, string path)
    {
        if (root.GetProperty("format").GetString() != Format)
            throw new FormatException("Another format.");

        var totals = new ArchiveTotals();
        foreach (JsonElement line in root.GetProperty("totals").EnumerateArray())
        {
            totals.Add(line.GetProperty("customer_id").GetString()!, line.GetProperty("service_name").GetString()!, new ArchiveTotals.Line(
                line.GetProperty("records").GetInt64(),
                ExactDecimal.Parse(line.GetProperty("quantity").GetRawText()), ExactDecimal.Parse(line.GetProperty("cost").GetRawText())));
        }

        return new ArchiveManifest
        {
            Archive = new StoredArchive
            {
                Id = root.GetProperty("archive_id").GetGuid(),
                Number = root.GetProperty("archive_number").GetInt32(),
                Path = path,
                CustomerIds = totals.CustomerIds,
                Records = root.GetProperty("records").GetInt64(),
                Start = Time(root, "start"),
                End = Time(root, "end"),
                Sha256 = root.GetProperty("sha256").GetString()!,
            },
            StoreId = root.GetProperty("store_id").GetGuid(),
            Bytes = root.GetProperty("bytes").GetInt64(),
            Totals = totals,
        };
    }

    private static DateTimeOffset Time(JsonElement root, string name) =>
        DateTimeOffset.Parse(root.GetProperty(name).GetString()!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}

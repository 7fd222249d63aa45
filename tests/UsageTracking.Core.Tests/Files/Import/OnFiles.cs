using System.Text;
using UsageTracking.Files.Import;
using UsageTracking.Metering;

namespace UsageTracking.Tests.Files.Import;

/// <summary>A folder for files to read.</summary>
public abstract class OnFiles : IDisposable
{
    protected string Folder { get; } = Directory.CreateTempSubdirectory("usage-import-").FullName;

    public void Dispose()
    {
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    protected string At(string name) => Path.Combine(Folder, name);

    protected string Write(string name, string content)
    {
        File.WriteAllBytes(At(name), Encoding.UTF8.GetBytes(content));
        return At(name);
    }

    /// <summary>Reads all records: "line: service quantity customer metadata", or "line! error id raw".</summary>
    protected static IReadOnlyList<string> ReadAll(string path, ImportFormat format, ColumnMap? map = null)
    {
        using RowReader rows = RowReader.Open(path, format, map ?? ColumnMap.Known);
        var all = new List<string>();
        while (rows.Read())
        {
            try
            {
                var record = new RecordInput();
                rows.Put(record);
                all.Add(FormattableString.Invariant($"{rows.Line}: {record.Service} {record.Quantity} {record.CustomerId} {record.Metadata}"));
            }
            catch (UsageException error)
            {
                all.Add($"{rows.Line}! {error.ErrorId} {Encoding.UTF8.GetString(rows.Raw)}");
            }
        }

        return all;
    }

    protected static ColumnMap MapOf(params (RecordField Field, string Column)[] chosen) =>
        new(chosen.ToDictionary(c => c.Field, c => c.Column), new HashSet<RecordField>());
}

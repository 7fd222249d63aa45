using System.Collections;
using System.Collections.ObjectModel;
using System.Management.Automation;
using UsageTracking.Files.Import;
using UsageTracking.Metering;

namespace UsageTracking.Cmdlets.Binding;

/// <summary>Reads what -Map says: for each value of a record the column that has it, or a script block that works it out.</summary>
internal sealed class ImportMap
{
    private readonly List<(RecordField Field, ScriptBlock Script)> _scripts = [];

    private ImportMap(ColumnMap columns, IEnumerable<(RecordField, ScriptBlock)> scripts)
    {
        Columns = columns;
        _scripts.AddRange(scripts);
    }

    public ColumnMap Columns { get; }

    /// <summary>Runs the script blocks; null where there are none.</summary>
    public Action<RowReader, RecordInput>? Compute => _scripts.Count == 0 ? null : Run;

    /// <summary>Reads the map.</summary>
    /// <param name="map">The hashtable; null for none.</param>
    /// <param name="given">What stands on the command line.</param>
    /// <exception cref="UsageException"><c>InvalidMap</c>.</exception>
    public static ImportMap Read(IDictionary? map, IEnumerable<RecordField> given)
    {
        var columns = new Dictionary<RecordField, string>();
        var scripts = new Dictionary<RecordField, ScriptBlock>();
        foreach (DictionaryEntry entry in map ?? new Hashtable())
        {
            RecordField field = FieldNamed(entry.Key);
            switch (Unwrap.Base(entry.Value))
            {
                case ScriptBlock script:
                    scripts[field] = script;
                    break;
                case string { Length: > 0 } column:
                    columns[field] = column.Trim();
                    break;
                default:
                    throw Invalid($"-Map says nothing usable for {field}. Give the name of a column, or a script block that has the row as $_.", entry.Value);
            }
        }

        HashSet<RecordField> known = [.. given];
        return new ImportMap(
            new ColumnMap(columns, new HashSet<RecordField>([.. known, .. scripts.Keys])),
            scripts.Where(s => !known.Contains(s.Key)).Select(s => (s.Key, s.Value)));
    }

    private static RecordField FieldNamed(object? key) =>
        Unwrap.Base(key) is string name && Enum.GetNames<RecordField>().Contains(name, StringComparer.OrdinalIgnoreCase)
            ? Enum.Parse<RecordField>(name, ignoreCase: true)
            : throw Invalid($"-Map names '{key}', which no record has. It may name {string.Join(", ", Enum.GetNames<RecordField>())}.", key);

    private static UsageException Invalid(string message, object? target) =>
        new(UsageErrorKind.InvalidInput, "InvalidMap", message, target);

    private void Run(RowReader row, RecordInput record)
    {
        PSObject item = RowObject.From(row);
        foreach ((RecordField field, ScriptBlock script) in _scripts)
            RecordReader.Put(field.ToString(), record, Run(field, script, item));
    }

    private static object? Run(RecordField field, ScriptBlock script, PSObject item)
    {
        try
        {
            Collection<PSObject> output = script.InvokeWithContext(null, [new PSVariable("_", item)], []);
            return output.Count switch
            {
                0 => null,
                1 => output[0],
                _ => output.ToArray(),
            };
        }
        catch (RuntimeException error) when (error is not PipelineStoppedException)
        {
            throw new UsageException(UsageErrorKind.InvalidInput, "MapFailed", $"The script block for {field} failed: {error.Message}", null, error);
        }
    }
}

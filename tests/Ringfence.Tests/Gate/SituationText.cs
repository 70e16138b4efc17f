using System.Collections;
using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using System.Text;
using NodaTime;
using Ringfence.Gate;

namespace Ringfence.Tests.Gate;

/// <summary>A situation as text to look at, and made smaller: only what is known stands in it.</summary>
internal static class SituationText
{
    // Reflection is slow, and the properties of a record never change.
    private static readonly ConcurrentDictionary<PropertyInfo, bool> Nullable = new();
    private static readonly ConcurrentDictionary<Type, PropertyInfo[]> Properties = new();

    public static string Of(Situation situation)
    {
        var text = new StringBuilder();
        Write(text, situation, 0);
        return text.ToString();
    }

    /// <summary>The smallest situation found in which something still holds: facts are taken away one at a time.</summary>
    public static Situation Shrink(Situation situation, Func<Situation, bool> stillHolds)
    {
        for (var rounds = 0; rounds < 20; rounds++)
        {
            var before = situation;
            foreach (var path in Paths(situation).ToArray())
            {
                if (Without(situation, path, 0) is Situation smaller && stillHolds(smaller))
                    situation = smaller;
            }

            if (ReferenceEquals(before, situation))
                break;
        }

        return situation;
    }

    /// <summary>The situation with any one fact taken away, each with the name of the fact.</summary>
    public static IEnumerable<(string Fact, Situation Without)> WithoutOne(Situation situation)
    {
        foreach (var path in Paths(situation))
        {
            if (Without(situation, path, 0) is Situation less)
                yield return (string.Join('.', path.Select(step => step is PropertyInfo property ? property.Name : $"[{step}]")), less);
        }
    }

    // A path is properties, and places in lists; from the deepest up, lists from their end, so that what is taken away moves nothing.
    private static IEnumerable<object[]> Paths(object of)
    {
        foreach (var property in Facts(of))
        {
            if (property.GetValue(of) is not { } value)
                continue;
            if (IsNullable(property) && !(value is ICollection { Count: 0 } && property.PropertyType == typeof(IReadOnlyList<>)))
                yield return [property];
            if (value is IList list)
            {
                // Places and zones are known or not; there is no such thing as none.
                for (var i = list.Count - 1; i >= (property.Name is "Residence" or "Zones" ? 1 : 0); i--)
                {
                    yield return [property, i];
                    if (!IsRecord(list[i]!.GetType()))
                        continue;
                    foreach (var rest in Paths(list[i]!))
                        yield return [property, i, .. rest];
                }
            }
            else if (value is IReadOnlyDictionary<string, Screening> registers)
            {
                foreach (var name in registers.Keys)
                {
                    yield return [property, name];
                    foreach (var rest in Paths(registers[name]))
                        yield return [property, name, .. rest];
                }
            }
            else if (IsRecord(value.GetType()))
            {
                foreach (var rest in Paths(value))
                    yield return [property, .. rest];
            }
        }
    }

    private static object? Without(object of, object[] path, int from)
    {
        if (path[from] is PropertyInfo property)
        {
            var value = property.GetValue(of);
            if (value is null)
                return null;
            var less = from + 1 == path.Length ? null : Without(value, path, from + 1);
            if (less is null && from + 1 < path.Length)
                return null;
            var copy = of.GetType().GetMethod("<Clone>$")!.Invoke(of, null)!;
            property.SetValue(copy, less);
            return copy;
        }

        if (of is IReadOnlyDictionary<string, Screening> registers)
        {
            var name = (string)path[from];
            if (!registers.ContainsKey(name))
                return null;
            var rest = registers.Where(pair => pair.Key != name).ToDictionary();
            if (from + 1 < path.Length)
            {
                if (Without(registers[name], path, from + 1) is not Screening screening)
                    return null;
                rest[name] = screening;
            }

            return rest;
        }

        var list = (IList)of;
        var index = (int)path[from];
        if (index >= list.Count)
            return null;
        var type = of.GetType().GetInterfaces().First(one => one.IsGenericType && one.GetGenericTypeDefinition() == typeof(IReadOnlyList<>)).GetGenericArguments()[0];
        var others = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(type))!;
        for (var i = 0; i < list.Count; i++)
        {
            if (i != index)
                others.Add(list[i]);
            else if (from + 1 < path.Length)
            {
                if (Without(list[i]!, path, from + 1) is not { } less)
                    return null;
                others.Add(less);
            }
        }

        return others;
    }

    private static PropertyInfo[] Facts(object of) =>
        Properties.GetOrAdd(of.GetType(), static type => [.. type.GetProperties().Where(property => property.CanWrite && property.GetIndexParameters().Length == 0)]);

    private static bool IsNullable(PropertyInfo property) => Nullable.GetOrAdd(property, static one => one.PropertyType.IsValueType
        ? System.Nullable.GetUnderlyingType(one.PropertyType) is not null
        : new NullabilityInfoContext().Create(one).ReadState == NullabilityState.Nullable);

    private static bool IsRecord(Type type) => type.IsClass && type.Namespace == "Ringfence.Gate" && type.GetMethod("<Clone>$") is not null;

    private static void Write(StringBuilder text, object of, int depth)
    {
        foreach (var property in Facts(of))
        {
            if (property.GetValue(of) is not { } value)
                continue;
            text.Append(' ', depth * 2).Append(property.Name).Append(": ");
            if (value is IReadOnlyDictionary<string, Screening> registers)
            {
                text.AppendLine();
                foreach (var (name, screening) in registers.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                {
                    text.Append(' ', (depth + 1) * 2).Append(name).AppendLine(":");
                    Write(text, screening, depth + 2);
                }
            }
            else if (value is IList list && list.Count > 0 && IsRecord(list[0]!.GetType()))
            {
                text.AppendLine();
                foreach (var item in list)
                {
                    text.Append(' ', (depth + 1) * 2).AppendLine("-");
                    Write(text, item!, depth + 2);
                }
            }
            else if (value is IList plain)
                text.Append('[').AppendJoin(", ", plain.Cast<object>().Select(One)).AppendLine("]");
            else if (IsRecord(value.GetType()) && value is not (Promise or TimeScope or Registration or OpenRequest))
            {
                text.AppendLine();
                Write(text, value, depth + 1);
            }
            else
                text.AppendLine(One(value));
        }
    }

    private static string One(object value) => value switch
    {
        Moment { IsDay: true } day => day.DayIn(DateTimeZone.Utc).ToString("uuuu-MM-dd", CultureInfo.InvariantCulture),
        Moment moment => moment.StartIn(DateTimeZone.Utc).ToString("uuuu-MM-dd'T'HH:mm:ss.FFFFFFFFF'Z'", CultureInfo.InvariantCulture),
        Instant instant => instant.ToString("uuuu-MM-dd'T'HH:mm:ss.FFFFFFFFF'Z'", CultureInfo.InvariantCulture),
        LocalDate day => day.ToString("uuuu-MM-dd", CultureInfo.InvariantCulture),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}

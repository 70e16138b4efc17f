using Ringfence.Gate;

namespace Ringfence.Consent;

/// <summary>The ways of saying yes that words may ask for.</summary>
public static class WordingMethods
{
    /// <summary>Those of a choice, the plain one first.</summary>
    public static IReadOnlyList<ConsentMethod> Of(ChoiceKind choice) => WordingLaw.MethodsOf(choice);
}

package io.headgate.samples;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The rules between modules and packages. This module sees all others, so they are checked here. */
class ArchitectureTest {

    private static final String API = "gateway-api";
    private static final Set<String> BLOCKING = Set.of("block", "blockOptional", "blockFirst", "blockLast");

    private static final JavaClasses HEADGATE = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.headgate");

    private static final DescribedPredicate<JavaClass> LIBRARY = resideOutsideOfPackage("io.headgate.samples..")
            .and(resideOutsideOfPackage("io.headgate.benchmarks.."))
            .as("library code");

    @Test
    void packagesHaveNoCycles() {
        slices().assignedFrom(new EachPackage())
                .should()
                .beFreeOfCycles()
                .allowEmptyShould(true)
                .check(HEADGATE);
    }

    @Test
    void noPackageIsSplitOverTwoModules() {
        Map<String, Set<String>> modules = new HashMap<>();
        for (JavaClass type : HEADGATE) {
            modules.computeIfAbsent(type.getPackageName(), name -> new TreeSet<>())
                    .add(module(type));
        }
        assertThat(modules).allSatisfy((name, homes) -> assertThat(homes).hasSize(1));
    }

    @Test
    void apiDependsOnReactorBuffersAndJSpecifyOnly() {
        DescribedPredicate<JavaClass> api = resideInAPackage("io.headgate..")
                .and(describe("in " + API, type -> module(type).equals(API)))
                .as("types of " + API);
        classes()
                .that(api)
                .should()
                .onlyDependOnClassesThat(api.or(JavaClass.Predicates.resideInAnyPackage(
                        "java..",
                        "javax.security.auth.x500..", // names in certificates
                        "reactor.core..",
                        "reactor.util..",
                        "org.reactivestreams..",
                        "io.netty.buffer..",
                        "io.netty.util..",
                        "org.jspecify..")))
                .allowEmptyShould(true)
                .check(HEADGATE);
    }

    @Test
    void nobodyDependsOnSamples() {
        noClasses()
                .that(resideOutsideOfPackage("io.headgate.samples.."))
                .should()
                .dependOnClassesThat(resideInAPackage("io.headgate.samples.."))
                .allowEmptyShould(true)
                .check(HEADGATE);
    }

    @Test
    void productionCodeDoesNotDependOnTheTestKit() {
        noClasses()
                .that(resideOutsideOfPackage("io.headgate.test.."))
                .should()
                .dependOnClassesThat(resideInAPackage("io.headgate.test.."))
                .allowEmptyShould(true)
                .check(HEADGATE);
    }

    @Test
    void libraryDoesNotPrint() {
        noClasses()
                .that(LIBRARY)
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .orShould()
                .callMethodWhere(describe(
                        "printStackTrace()", call -> call.getTarget().getName().equals("printStackTrace")))
                .allowEmptyShould(true)
                .check(HEADGATE);
    }

    @Test
    void libraryDoesNotBlock() {
        noClasses()
                .that(LIBRARY)
                .should()
                .callMethodWhere(describe(
                        "Thread.sleep",
                        call -> call.getTargetOwner().isEquivalentTo(Thread.class)
                                && call.getTarget().getName().equals("sleep")))
                .orShould()
                .callMethodWhere(describe(
                        "block() of a Mono or Flux",
                        call -> (call.getTargetOwner().isAssignableTo(Mono.class)
                                        || call.getTargetOwner().isAssignableTo(Flux.class))
                                && BLOCKING.contains(call.getTarget().getName())))
                .allowEmptyShould(true)
                .check(HEADGATE);
    }

    @Test
    void libraryInstallsNoGlobalHooks() {
        noClasses()
                .that(LIBRARY)
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("reactor.core.publisher.Hooks")
                .allowEmptyShould(true)
                .check(HEADGATE);
    }

    @Test
    void publicSignaturesNameNoInternalTypes() {
        classes()
                .that(LIBRARY)
                .and(describe("are visible to users", ArchitectureTest::visible))
                .should(new NameOnlyVisibleTypes())
                .allowEmptyShould(true)
                .check(HEADGATE);
    }

    /** The artifact that a class was read from: the folder of the module, or the name of its jar up to the version. */
    private static String module(JavaClass type) {
        String uri =
                type.getBaseComponentType().getSource().orElseThrow().getUri().toString();
        int jar = uri.indexOf(".jar!");
        if (jar >= 0) {
            return uri.substring(uri.lastIndexOf('/', jar) + 1, jar).replaceFirst("-\\d.*", "");
        }
        String folder = uri.substring(0, uri.lastIndexOf("/target/classes/"));
        return folder.substring(folder.lastIndexOf('/') + 1);
    }

    private static boolean internal(JavaClass type) {
        return resideInAPackage("io.headgate..internal..").test(type);
    }

    /** Whether users can name a type: public or protected, all the way out, and not in an internal package. */
    private static boolean visible(JavaClass type) {
        return !internal(type)
                && open(type.getModifiers())
                && type.getEnclosingClass().map(ArchitectureTest::visible).orElse(true);
    }

    private static boolean open(Set<JavaModifier> modifiers) {
        return modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED);
    }

    private static final class EachPackage implements SliceAssignment {

        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
            return SliceIdentifier.of(type.getPackageName());
        }

        @Override
        public String getDescription() {
            return "packages";
        }
    }

    private static final class NameOnlyVisibleTypes extends ArchCondition<JavaClass> {

        NameOnlyVisibleTypes() {
            super("name only types in their signatures that users can see");
        }

        @Override
        public void check(JavaClass type, ConditionEvents events) {
            Stream<JavaClass> parents =
                    Stream.concat(type.getRawSuperclass().stream(), type.getRawInterfaces().stream());
            report(type, "extends", parents.filter(ArchitectureTest::internal), events);
            for (JavaMember member : type.getMembers()) {
                if (open(member.getModifiers()) && !member.getModifiers().contains(JavaModifier.SYNTHETIC)) {
                    report(type, member.getFullName() + " names", hidden(signature(member)), events);
                }
            }
        }

        private static Stream<JavaClass> signature(JavaMember member) {
            if (member instanceof JavaField field) {
                return field.getType().getAllInvolvedRawTypes().stream();
            }
            JavaCodeUnit code = (JavaCodeUnit) member;
            return Stream.of(
                            code.getReturnType().getAllInvolvedRawTypes().stream(),
                            code.getParameterTypes().stream().flatMap(p -> p.getAllInvolvedRawTypes().stream()),
                            code.getExceptionTypes().stream())
                    .flatMap(types -> types);
        }

        private static Stream<JavaClass> hidden(Stream<JavaClass> types) {
            return types.map(JavaClass::getBaseComponentType)
                    .filter(resideInAPackage("io.headgate.."))
                    .filter(type -> !visible(type));
        }

        private static void report(JavaClass type, String what, Stream<JavaClass> hidden, ConditionEvents events) {
            String names = hidden.map(JavaClass::getName).distinct().collect(Collectors.joining(", "));
            if (!names.isEmpty()) {
                events.add(SimpleConditionEvent.violated(type, type.getName() + ": " + what + " " + names));
            }
        }
    }
}

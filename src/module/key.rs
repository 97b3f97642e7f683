//! The flat description of a recursion group that the registry hashes and compares.
//!
//! Layout, in words: the number of types; then for each type a head (`FINAL`, `SUPER` and the kind), the supertype if
//! there is one, and the composite type with counts in front. A value type is one word, with a second one when it names
//! a defined type: the canonical id (`ID`), or the position within the group (`REC`). Every item says how long it is, so
//! equal keys are equal groups.

use super::types::*;

const FINAL: u32 = 4;
const SUPER: u32 = 8;
const FUNC: u32 = 0;
const STRUCT: u32 = 1;
const ARRAY: u32 = 2;

const I8: u32 = 5;
const I16: u32 = 6;
/// Reference types are `REF + heap * 2 + nullable`, the heap types numbered as in `ABSTRACT`.
const REF: u32 = 16;
const ID: u32 = ABSTRACT.len() as u32;
const REC: u32 = ID + 1;
/// Set in the word of a mutable field.
const MUT: u32 = 1 << 31;

const ABSTRACT: [HeapType; 12] = [
    HeapType::Func,
    HeapType::NoFunc,
    HeapType::Extern,
    HeapType::NoExtern,
    HeapType::Any,
    HeapType::None,
    HeapType::Eq,
    HeapType::I31,
    HeapType::Struct,
    HeapType::Array,
    HeapType::Exn,
    HeapType::NoExn,
];

/// A reference to a defined type from within a key.
#[derive(Clone, Copy)]
pub(super) enum TypeRef {
    /// Of another group.
    Id(TypeId),
    /// At this position of the same group.
    Rec(u32),
}

/// How many types the group has.
pub(super) fn count(key: &[u32]) -> u32 {
    key[0]
}

/// Whether the group is one type of a function.
pub(super) fn is_function(key: &[u32]) -> bool {
    count(key) == 1 && key[1] & !(FINAL | SUPER) == FUNC
}

/// Writes keys. The words can be reused for the next group.
#[derive(Default)]
pub(super) struct KeyWriter {
    words: Vec<u32>,
}

impl KeyWriter {
    pub fn new() -> KeyWriter {
        KeyWriter { words: Vec::with_capacity(32) }
    }

    /// Gives back the room of a long key.
    pub fn shrink(&mut self) {
        if self.words.capacity() > 1024 {
            *self = KeyWriter::default();
        }
    }

    pub fn words(&self) -> &[u32] {
        &self.words
    }

    pub fn begin(&mut self, types: u32) {
        self.words.clear();
        self.words.push(types);
    }

    fn head(&mut self, kind: u32, is_final: bool, supertype: Option<TypeRef>) {
        let flags = if is_final { FINAL } else { 0 } | if supertype.is_some() { SUPER } else { 0 };
        self.words.push(kind | flags);
        if let Some(s) = supertype {
            self.reference(true, s, 0);
        }
    }

    pub fn begin_func(&mut self, is_final: bool, supertype: Option<TypeRef>, params: usize, results: usize) {
        self.head(FUNC, is_final, supertype);
        self.words.push(params as u32);
        self.words.push(results as u32);
    }

    pub fn begin_struct(&mut self, is_final: bool, supertype: Option<TypeRef>, fields: usize) {
        self.head(STRUCT, is_final, supertype);
        self.words.push(fields as u32);
    }

    pub fn begin_array(&mut self, is_final: bool, supertype: Option<TypeRef>) {
        self.head(ARRAY, is_final, supertype);
    }

    /// A reference to a defined type.
    pub fn reference(&mut self, nullable: bool, to: TypeRef, mutable: u32) {
        let (kind, target) = match to {
            TypeRef::Id(id) => (ID, id.0),
            TypeRef::Rec(i) => (REC, i),
        };
        self.words.push(REF + kind * 2 + nullable as u32 | mutable);
        self.words.push(target);
    }

    fn value(&mut self, ty: ValType, mutable: u32) {
        let word = match ty {
            ValType::I32 => 0,
            ValType::I64 => 1,
            ValType::F32 => 2,
            ValType::F64 => 3,
            ValType::V128 => 4,
            ValType::Ref(RefType { nullable, heap: HeapType::Concrete(id) }) => {
                return self.reference(nullable, TypeRef::Id(id), mutable);
            }
            ValType::Ref(r) => {
                let heap = ABSTRACT.iter().position(|h| *h == r.heap).expect("an abstract heap type");
                REF + heap as u32 * 2 + r.nullable as u32
            }
        };
        self.words.push(word | mutable);
    }

    /// A value type that names no type of the group.
    pub fn val_type(&mut self, ty: ValType) {
        self.value(ty, 0);
    }

    /// A field whose type names no type of the group.
    pub fn field(&mut self, field: FieldType) {
        let mutable = if field.mutable { MUT } else { 0 };
        match field.storage {
            StorageType::I8 => self.words.push(I8 | mutable),
            StorageType::I16 => self.words.push(I16 | mutable),
            StorageType::Val(ty) => self.value(ty, mutable),
        }
    }

    /// A field that is a reference to a defined type.
    pub fn ref_field(&mut self, mutable: bool, nullable: bool, to: TypeRef) {
        self.reference(nullable, to, if mutable { MUT } else { 0 });
    }

    /// The group of a single final function type.
    pub fn func(&mut self, ty: &FuncType) {
        self.begin(1);
        self.func_body(ty, true, None);
    }

    fn func_body(&mut self, ty: &FuncType, is_final: bool, supertype: Option<TypeRef>) {
        self.begin_func(is_final, supertype, ty.params.len(), ty.results.len());
        for &t in ty.params.iter().chain(&ty.results) {
            self.val_type(t);
        }
    }

    /// The group of a single type that does not name itself.
    pub fn composite(&mut self, ty: &CompositeType, is_final: bool, supertype: Option<TypeId>) {
        let supertype = supertype.map(TypeRef::Id);
        self.begin(1);
        match ty {
            CompositeType::Func(f) => self.func_body(f, is_final, supertype),
            CompositeType::Struct(s) => {
                self.begin_struct(is_final, supertype, s.fields.len());
                s.fields.iter().for_each(|f| self.field(*f));
            }
            CompositeType::Array(a) => {
                self.begin_array(is_final, supertype);
                self.field(a.field);
            }
        }
    }
}

/// One definition of a group, with references made canonical.
pub(super) struct Definition {
    pub is_final: bool,
    pub supertype: Option<TypeId>,
    pub composite: CompositeType,
}

/// Reads a key back, with the ids that its types have been given.
pub(super) struct KeyReader<'a> {
    words: std::slice::Iter<'a, u32>,
    ids: &'a [TypeId],
}

impl<'a> KeyReader<'a> {
    pub fn new(key: &'a [u32], ids: &'a [TypeId]) -> KeyReader<'a> {
        KeyReader { words: key[1..].iter(), ids }
    }

    fn word(&mut self) -> u32 {
        *self.words.next().expect("a complete key")
    }

    /// The next definition; `mention` is told of each type outside the group.
    pub fn definition(&mut self, mut mention: impl FnMut(TypeId)) -> Definition {
        let head = self.word();
        let supertype = (head & SUPER != 0).then(|| match self.storage(&mut mention).1 {
            StorageType::Val(ValType::Ref(RefType { heap: HeapType::Concrete(id), .. })) => id,
            _ => unreachable!("a supertype is a defined type"),
        });
        let composite = match head & 3 {
            FUNC => {
                let (params, results) = (self.word(), self.word());
                let mut types = |n| (0..n).map(|_| self.storage(&mut mention).1.unpacked()).collect::<Box<[ValType]>>();
                CompositeType::Func(FuncType::new(types(params), types(results)))
            }
            STRUCT => {
                let fields = self.word();
                CompositeType::Struct(StructType { fields: (0..fields).map(|_| self.field(&mut mention)).collect() })
            }
            _ => CompositeType::Array(ArrayType { field: self.field(&mut mention) }),
        };
        Definition { is_final: head & FINAL != 0, supertype, composite }
    }

    fn field(&mut self, mention: &mut impl FnMut(TypeId)) -> FieldType {
        let (mutable, storage) = self.storage(mention);
        FieldType { mutable, storage }
    }

    fn storage(&mut self, mention: &mut impl FnMut(TypeId)) -> (bool, StorageType) {
        let word = self.word();
        let mutable = word & MUT != 0;
        let ty = match word & !MUT {
            0 => ValType::I32,
            1 => ValType::I64,
            2 => ValType::F32,
            3 => ValType::F64,
            4 => ValType::V128,
            I8 => return (mutable, StorageType::I8),
            I16 => return (mutable, StorageType::I16),
            reference => {
                let heap = match (reference - REF) / 2 {
                    ID => {
                        let id = TypeId(self.word());
                        mention(id);
                        HeapType::Concrete(id)
                    }
                    REC => HeapType::Concrete(self.ids[self.word() as usize]),
                    heap => ABSTRACT[heap as usize],
                };
                ValType::Ref(RefType { nullable: reference & 1 != 0, heap })
            }
        };
        (mutable, StorageType::Val(ty))
    }
}
